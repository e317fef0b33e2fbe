#include "load/whole_product.hpp"

#include <csignal>

#include "archive/days.hpp"
#include "consumer/bus.hpp"
#include "crypto/keyring.hpp"
#include "load/database.hpp"
#include "load/generator.hpp"
#include "load/measure.hpp"
#include "load/open_schedule.hpp"
#include "load/process_usage.hpp"
#include "postgres/migrate.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"
#include "tenants/destinations.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

namespace {

using postgres::Transaction;

constexpr std::size_t body_bytes = 1024;
constexpr std::size_t connections = 64;
constexpr std::chrono::seconds ramp{2};
constexpr std::chrono::minutes told_within{2};
const tenants::Actor admin{.name = "load", .role = tenants::Role::admin};

Surroundings migrated(Surroundings surroundings) {
    auto owner = open_database(surroundings, "load");
    must(postgres::migrate(owner, all_schemas(), [](const std::string&) {}));
    must(postgres::grant_roles(owner, "load_service"));
    must(archive::make_days(owner, 1));
    return surroundings;
}

}  // namespace

WholeProduct::WholeProduct(const Surroundings& surroundings)
    : surroundings_{migrated(surroundings)}, source_{surroundings, folder_}, port_{test::free_port()} {
    make_channel();
}

// Without pacing: what is measured is ours.
void WholeProduct::make_channel() {
    const auto keys = must(crypto::Keyring::load(source_.keys_file));
    auto owner = open_database(surroundings_, "load");
    must(postgres::transact(owner, [&](Transaction& tx) -> Result<void> {
        tenants::see_all_tenants(tx);
        const auto secret = must(
            tenants::check_secret(tenants::DestinationKind::slack_webhook, Secret{slack_.webhook("payments")},
                                  [](const std::string&) -> Result<std::string> { return "127.0.0.1"; }));
        const auto made = must(tenants::create_destination(
            tx, admin, keys, StripeSource::tenant,
            {.slug = "payments",
             .secret = secret,
             .settings =
                 R"({"messages_per_second": 10000, "burst": 10000, "sibling_wait_ms": 0, "storm_after": 0})"}));
        tx.execute("delete from delivery.rule");
        tx.execute(
            "insert into delivery.rule (tenant, rule, destination, place, name, way) "
            "values ($1, gen_random_uuid(), $2, 1, 'everything', 'message')",
            made.tenant, made.id);
        tx.execute("insert into tenants.audit (tenant, actor, verb) values ($1, 'load', 'rule add')",
                   made.tenant);
        return {};
    }));
}

test::ChildProcess::Environment WholeProduct::environment(bool with_kafka) const {
    test::ChildProcess::Environment all{{"TOLLGATE_DATABASE_URL", surroundings_.service_database_url},
                                        {"TOLLGATE_SEAL_KEYS_FILE", source_.keys_file},
                                        {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"},
                                        {"TOLLGATE_DELIVERY_CALLS_MAX", "256"},
                                        {"TOLLGATE_DELIVERY_DESTINATION_CALLS_MAX", "100"},
                                        {"TOLLGATE_HTTP_PORT", std::to_string(port_)}};
    if (with_kafka) all["TOLLGATE_KAFKA_BROKERS"] = surroundings_.kafka_brokers;
    return all;
}

void WholeProduct::start(Way way) {
    for (const auto& each : processes_) each->end(SIGTERM);
    processes_.clear();
    auto owner = open_database(surroundings_, "load");
    must(postgres::transact(owner, [&](Transaction& tx) {
        tenants::see_all_tenants(tx);
        return consumer::switch_bus(tx, admin,
                                    way == Way::alone ? consumer::Bus::journal : consumer::Bus::kafka,
                                    consumer::InTheWay::everybody, "load");
    }));
    if (way == Way::alone) {
        processes_.push_back(std::make_unique<test::ServiceProcess>("tollgate", environment(false)));
        return;
    }
    processes_.push_back(std::make_unique<test::ServiceProcess>("tollgate-ingress", environment(false)));
    for (const char* const name :
         {"tollgate-relay", "tollgate-enrichment", "tollgate-billing", "tollgate-delivery"})
        processes_.push_back(std::make_unique<test::ServiceProcess>(name, environment(true)));
}

Idle WholeProduct::measure_idle(std::chrono::seconds length) {
    const auto sum = [&](auto part) {
        double all = 0;
        for (const auto& each : processes_) all += part(usage_of(std::to_string(each->pid())));
        return all;
    };
    const auto cpu = [&] { return sum([](const ProcessUsage& usage) { return usage.cpu_seconds; }); };
    const double before = cpu();
    pause_until(std::chrono::steady_clock::now() + length);
    return {.resident_mb = sum(
                [](const ProcessUsage& usage) { return static_cast<double>(usage.resident_bytes) / 1e6; }),
            .cpu_percent = (cpu() - before) / static_cast<double>(length.count()) * 100};
}

void WholeProduct::warm_up() {
    measure(100, std::chrono::seconds{3});
    open_database(surroundings_, "load").execute_script("set client_min_messages = error; analyze");
}

EndToEnd WholeProduct::measure(double per_second, std::chrono::seconds length) {
    const auto requests = static_cast<std::size_t>(per_second * static_cast<double>((ramp + length).count()));
    const Traffic traffic{
        {.host = fmt::format("127.0.0.1:{}", port_),
         .path = StripeSource::path,
         .secret = source_.secret,
         .body_bytes = body_bytes,
         .requests = requests,
         .repeats = 0,
         .seed = ++seed_,
         .signed_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())}};
    (void)slack_.take();
    auto owner = open_database(surroundings_, "load");
    const std::string postmaster = usage_of(std::to_string(owner.backend_pid())).parent;
    const double cpu_before = cpu_seconds_with_children(postmaster);
    const Tally tally = run(traffic, {.port = port_,
                                      .connections = connections,
                                      .ramp = ramp,
                                      .length = length,
                                      .per_second = per_second});
    EndToEnd found{.not_200 = tally.not_200()};
    std::map<std::string, std::size_t> by_id;
    for (std::size_t event = 0; event < tally.event_ids.size(); ++event) {
        if (tally.event_ids[event] != Uuid{}) by_id[as_named(tally.event_ids[event].text())] = event;
    }
    found.events = by_id.size();
    // Without repeats, a request is an event.
    const OpenSchedule schedule{tally.began, per_second};
    const auto read = [&] {
        for (const Arrival& arrival : slack_.take()) {
            const auto event = by_id.find(arrival.event);
            if (event == by_id.end()) continue;
            ++found.messages;
            const auto due = schedule.due(event->second);
            if (due >= tally.began + ramp) found.latencies.record(arrival.at - due);
            by_id.erase(event);
        }
        return by_id.empty();
    };
    test::wait_until(read, told_within);
    found.postgres_cpu_seconds = cpu_seconds_with_children(postmaster) - cpu_before;
    found.postgres_memory_bytes = memory_bytes_with_children(postmaster);
    return found;
}

}  // namespace tollgate::load
