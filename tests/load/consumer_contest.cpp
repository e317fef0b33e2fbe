#include "load/consumer_contest.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "archive/days.hpp"
#include "consumer/registration.hpp"
#include "consumer/runtime.hpp"
#include "journal/readers.hpp"
#include "load/kafka/bare_consumer.hpp"
#include "load/measure.hpp"
#include "load/pgbench.hpp"
#include "load/process_usage.hpp"
#include "postgres/migrate.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

namespace {

using consumer::Bus;

constexpr std::size_t body_bytes = 1024;
constexpr std::int32_t partitions = 12;
constexpr std::chrono::seconds admin_deadline{60};
// In which pgbench gets its connection open.
constexpr std::chrono::seconds shortest_run{2};
constexpr const char* tenant = "'018f3b1c-7c5a-7000-8000-000000000001'::uuid";

// A database as an operator has prepared it.
postgres::Connection prepare(const Surroundings& surroundings) {
    auto owner = must(postgres::Connection::open(patient(surroundings)));
    must(postgres::migrate(owner, all_schemas(), [](const std::string&) {}));
    must(postgres::grant_roles(owner, "load_service"));
    must(archive::make_days(owner, 1));
    owner.execute_script("grant pg_checkpoint to current_user");
    make_effect_table(owner);
    return owner;
}

// All of Postgres' processes.
double postgres_cpu_seconds(const postgres::Connection& connection) {
    return cpu_seconds_with_children(usage_of(std::to_string(connection.backend_pid())).parent);
}

}  // namespace

ConsumerContest::ConsumerContest(const Surroundings& surroundings, std::uint64_t events)
    : surroundings_{surroundings},
      events_{events},
      connection_{prepare(surroundings)},
      backlog_{surroundings, events, body_bytes} {
    keeper_.emplace(patient(surroundings), journal::KeeperSettings{}, make_uuid_v4(), metrics_);
}

void ConsumerContest::turn_to_kafka() {
    keeper_.reset();  // it would be in the way
    auto connection = must(postgres::Connection::open(
        {.url = Secret{surroundings_.service_database_url}, .role = "tollgate_operator"}));
    const tenants::Actor actor{.name = "load", .role = tenants::Role::operator_, .tenants = {}};
    must(transact(connection, [&](postgres::Transaction& tx) {
        return consumer::switch_bus(tx, actor, Bus::kafka, consumer::InTheWay::everybody, "to be measured");
    }));
    bus_ = Bus::kafka;
    drained_ = 0;
    batches_ = 0;
    topic_prefix_ = "load-" + make_uuid_v7().text() + ".";
    const kafka::TopicToCreate topic{.name = topic_prefix_ + "raw", .partitions = partitions};
    must(must(kafka::Admin::create({.brokers = surroundings_.kafka_brokers}))
             .create_topics({&topic, 1}, admin_deadline));
    const std::uint64_t sent = backlog_.put_onto(topic.name);
    if (sent != events_) throw std::runtime_error{fmt::format("{} of {} events were sent", sent, events_)};
}

double ConsumerContest::by_runtime(Effect effect) {
    empty_tables();
    // Another each time: one that comes again goes on where it stood.
    const std::string name = "load-" + make_uuid_v7().text();
    auto service = must(
        postgres::Connection::open({.url = Secret{surroundings_.service_database_url}, .role = drain_role}));
    must(consumer::register_consumer(service, {.name = name, .beginning = consumer::Beginning::from_now}));
    if (bus_ == Bus::journal) backlog_.put_into_journal();
    connection_.execute_script("checkpoint");
    const double cpu = postgres_cpu_seconds(connection_);
    const Drain drained = drain(
        surroundings_,
        {.consumer = name, .bus = bus_, .topic_prefix = topic_prefix_, .effect = effect, .events = events_});
    const auto events = static_cast<double>(events_);
    const auto microseconds = [&](double seconds) { return seconds / events * 1e6; };
    fmt::print(stderr,
               "runtime, {}, {}: {:.0f} events/s in batches of {:.0f}; an event costs it {:.1f} us, Postgres "
               "{:.1f} us\n",
               bus_ == Bus::journal ? "journal" : "Kafka", effect == Effect::none ? "empty" : "rows",
               events / drained.seconds, events / static_cast<double>(drained.batches),
               microseconds(drained.cpu_seconds), microseconds(postgres_cpu_seconds(connection_) - cpu));
    check(name, effect);
    // Though nothing is unread, a tick may be left that has no entries.
    if (bus_ == Bus::journal) must(journal::retire_reader(connection_, name, true));
    drained_ += events_;
    batches_ += drained.batches;
    return drained.seconds / events;
}

void ConsumerContest::check(const std::string& consumer, Effect effect) {
    const auto count = [&](const char* sql, const auto&... arguments) {
        return static_cast<std::uint64_t>(
            connection_.execute(sql, arguments...).only().template get<std::int64_t>(0));
    };
    const std::uint64_t inbox = count("select count(*) from consumer.inbox where consumer = $1", consumer);
    const std::uint64_t effects = count(
        "select count(*) from load.effect e join archive.event a on a.id = "
        "e.event_id and a.body = e.body and a.tenant = e.tenant");
    const std::uint64_t effects_wanted = effect == Effect::none ? 0 : events_;
    std::uint64_t passed = 0;
    if (bus_ == Bus::kafka) {
        passed = count("select sum(next)::bigint from consumer.position where consumer = $1", consumer);
    } else {
        for (const journal::ReaderState& reader : must(journal::list_readers(connection_))) {
            if (reader.name == consumer) passed = events_ - static_cast<std::uint64_t>(reader.unread);
        }
    }
    if (inbox == events_ && effects == effects_wanted && passed == events_) return;
    throw std::runtime_error{fmt::format(
        "of {} events {} are in the inbox, {} of {} rows are written, and the position is behind {}", events_,
        inbox, effects, effects_wanted, passed)};
}

double ConsumerContest::by_bare_consumer() {
    const consumer::RuntimeSettings runtime{};
    const BareConsumer bare{.brokers = surroundings_.kafka_brokers,
                            .topic = topic_prefix_ + "raw",
                            .partitions = partitions,
                            .fetched_ahead_kb = kafka::ConsumerSettings{}.queue_bytes_max / 1024,
                            .records_max = static_cast<int>(runtime.batch_messages_max)};
    const double seconds = bare.read(events_).count() / static_cast<double>(events_);
    fmt::print(stderr, "bare consumer: {:.0f} events/s\n", 1 / seconds);
    return seconds;
}

double ConsumerContest::by_pgbench(bool also_inbox) {
    empty_tables();
    connection_.execute_script("checkpoint");
    const std::string inbox = fmt::format(
        ", inbox as (insert into consumer.inbox (consumer, message_id, tenant) select 'pgbench', id, {} from "
        "event)",
        tenant);
    const std::string rows =
        fmt::format(" insert into load.effect (event_id, tenant, body) select id, {}, {} from event, bodies",
                    tenant, Pgbench::body);
    const auto pgbench = Pgbench::inserting(surroundings_, also_inbox ? inbox + rows : rows);
    const PgbenchRun run =
        pgbench.run({.body_bytes = body_bytes,
                     .rows_per_transaction = static_cast<std::size_t>(std::lround(mean_batch())),
                     .length = std::max(surroundings_.extent.run / 2, shortest_run)});
    fmt::print(stderr, "pgbench{}: {:.0f} rows/s\n", also_inbox ? ", inbox too" : "", run.rows_per_second);
    return 1 / run.rows_per_second;
}

double ConsumerContest::mean_batch() const {
    if (batches_ == 0) return static_cast<double>(consumer::RuntimeSettings{}.batch_messages_max);
    return static_cast<double>(drained_) / static_cast<double>(batches_);
}

void ConsumerContest::empty_tables() {
    connection_.execute_script("truncate consumer.inbox, consumer.begun, load.effect");
}

}  // namespace tollgate::load
