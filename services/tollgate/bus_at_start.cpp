#include "tollgate/bus_at_start.hpp"

#include "consumer/bus.hpp"
#include "telemetry/log.hpp"

namespace tollgate {

namespace {

namespace log = telemetry::log;
using consumer::Bus;
using consumer::BusSwitch;
using postgres::Transaction;

// Our own leases of before a crash lapse within it.
constexpr std::chrono::seconds patience{4};
constexpr std::chrono::milliseconds look_every{250};

Result<BusSwitch> turn(const process::DatabaseConfig& database, Bus to) {
    auto connection = postgres::Connection::open(database.connection("tollgate up bus", "tollgate_operator"));
    if (!connection) return std::unexpected{connection.error()};
    const tenants::Actor actor{.name = "tollgate up", .role = tenants::Role::operator_, .tenants = {}};
    return transact(*connection, [&](Transaction& tx) {
        return consumer::switch_bus(tx, actor, to, consumer::InTheWay::everybody,
                                    "as its configuration says");
    });
}

Result<bool> is_bus(postgres::Pool& pool, Bus wanted) {
    return postgres::transact(pool, [&](Transaction& tx) { return consumer::read_bus(tx).bus == wanted; });
}

}  // namespace

void BusChoice::declare(process::Settings& settings) {
    settings.add_choice("bus.use", use, {"unchanged", "journal", "kafka"},
                        "what carries events to consumers; `tollgate bus` shows it");
}

Result<void> BusChoice::fits(const process::KafkaConfig& kafka) const {
    if (use == "kafka" && kafka.brokers.empty())
        return fail(ErrorCode::misconfigured, "bus.use is kafka: say where Kafka is, with kafka.brokers");
    if (use == "journal" && !kafka.brokers.empty()) {
        return fail(ErrorCode::misconfigured,
                    "bus.use is journal, and kafka.brokers is set: take one of the two away");
    }
    return {};
}

std::optional<process::Exit> settle_bus(process::Process& process, postgres::Pool& pool,
                                        const process::DatabaseConfig& database, const BusChoice& choice) {
    const auto wanted = consumer::parse_bus(choice.use);
    if (!wanted) return std::nullopt;
    const auto give_up = [&](const Error& error) {
        log::error("the bus is not the one that is configured", {{"bus", choice.use}, {"error", error}});
        return process::exit_of(error.code);
    };
    const auto is_so = is_bus(pool, *wanted);
    if (!is_so) return give_up(is_so.error());
    if (*is_so) return std::nullopt;
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto turned = turn(database, *wanted);
        if (turned) {
            log::info("the bus was changed, as is configured",
                      {{"from", name(turned->from)}, {"to", name(turned->to)}, {"unread", turned->unread}});
            return std::nullopt;
        }
        const bool in_use = turned.error().code == ErrorCode::conflict;
        if (!in_use || std::chrono::steady_clock::now() >= end) return give_up(turned.error());
        if (process.told_to_stop_within(look_every)) return process::Exit::done;
    }
}

}  // namespace tollgate
