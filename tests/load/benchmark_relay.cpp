// How fast the relay drains a journal to a broker, beside a producer that has nothing else to do and a relay
// that claims and deletes; and how soon a consumer has what was committed.
#include "archive/days.hpp"
#include "consumer/bus.hpp"
#include "load/measure.hpp"
#include "load/relay_contest.hpp"
#include "load/relay_latency.hpp"
#include "postgres/migrate.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

namespace {

constexpr std::size_t rounds = 3;
constexpr double share_of_bare = 0.6;
constexpr double times_claiming = 2;

struct Size {
    const char* name;
    std::size_t body_bytes;
    std::uint64_t events_max;
};

void add_drains(const Surroundings& surroundings, const Size& size, Figures& figures) {
    const std::uint64_t events = std::min(size.events_max, surroundings.extent.rows);
    RelayContest contest{surroundings, events, size.body_bytes};
    contest.warm_up();
    const auto relay = [&] { return contest.by_relay(); };
    const Medians bare = alternating_medians(rounds, relay, [&] { return contest.by_bare_producer(); });
    const Medians claiming = alternating_medians(1, relay, [&] { return contest.by_claim_and_delete(); });
    const auto add = [&](const char* what, const Medians& medians, double goal) {
        figures.push_back({.name = fmt::format("{}: the relay's rate, against {}", size.name, what),
                           .value = 1 / medians.measured,
                           .unit = "events/s",
                           .better = Better::higher,
                           .baseline = 1 / medians.baseline,
                           .goal = std::nullopt});
        figures.push_back({.name = fmt::format("{}: relay against {}", size.name, what),
                           .value = medians.baseline / medians.measured,
                           .unit = "x",
                           .better = Better::higher,
                           .baseline = 1,
                           .goal = goal});
    };
    add("a bare producer fed by COPY", bare, share_of_bare);
    add("claiming and deleting", claiming, times_claiming);
}

void add_latencies(const Surroundings& surroundings, Figures& figures) {
    const RelayLatency latency = measure_relay_latency(surroundings);
    for (const double percent : {50.0, 99.0}) {
        const auto milliseconds = [&](const Latencies& latencies) {
            return std::chrono::duration<double, std::milli>(latencies.percentile(percent)).count();
        };
        figures.push_back(
            {.name = fmt::format("commit to receipt at 2,000/s, p{}, against produce and consume", percent),
             .value = milliseconds(latency.commit_to_receipt),
             .unit = "ms",
             .better = Better::lower,
             .baseline = milliseconds(latency.send_to_receipt),
             .goal = std::nullopt});
    }
}

// A database as an operator has prepared it for the relay.
void prepare(const Surroundings& surroundings) {
    postgres::Connection owner = open_database(surroundings, "migrate");
    must(postgres::migrate(owner, all_schemas(), [](const std::string&) {}));
    must(postgres::grant_roles(owner, "load_service"));
    must(archive::make_days(owner, 1));
    auto connection = must(postgres::Connection::open(
        {.url = Secret{surroundings.service_database_url}, .role = "tollgate_operator"}));
    const tenants::Actor actor{.name = "load", .role = tenants::Role::operator_, .tenants = {}};
    must(transact(connection, [&](postgres::Transaction& tx) {
        return consumer::switch_bus(tx, actor, consumer::Bus::kafka, consumer::InTheWay::everybody,
                                    "to be measured");
    }));
}

}  // namespace

Result<Figures> relay(const Surroundings& surroundings) {
    prepare(surroundings);
    Figures figures;
    add_latencies(surroundings, figures);
    add_drains(surroundings, {"events of 1 kB", 1024, 1'000'000}, figures);
    add_drains(surroundings, {"events of 4 kB", 4096, 200'000}, figures);
    return figures;
}

}  // namespace tollgate::load
