#include "load/relay_contest.hpp"

#include <stdexcept>

#include "core/pause.hpp"
#include "events/cloud_event.hpp"
#include "events/record_key.hpp"
#include "journal/keeper.hpp"
#include "journal/readers.hpp"
#include "kafka/producer.hpp"
#include "load/measure.hpp"
#include "relay/service.hpp"

namespace tollgate::load {

namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::int64_t rows_per_claim = 1000;
constexpr std::chrono::seconds admin_deadline{60};
constexpr std::chrono::minutes drain_deadline{30};

// By position, as a reader has it that has passed everything.
bool all_is_passed(postgres::Connection& connection) {
    for (const journal::ReaderState& reader : must(journal::list_readers(connection))) {
        if (reader.name == relay::reader_name) return reader.unread == 0 && !reader.behind_since;
    }
    return false;
}

}  // namespace

test::ServiceProcess start_relay(const Surroundings& surroundings, const std::string& topic_prefix) {
    return {"tollgate-relay",
            {{"TOLLGATE_DATABASE_URL", surroundings.service_database_url},
             {"TOLLGATE_KAFKA_BROKERS", surroundings.kafka_brokers},
             {"TOLLGATE_KAFKA_TOPIC_PREFIX", topic_prefix}}};
}

RelayContest::RelayContest(const Surroundings& surroundings, std::uint64_t events, std::size_t body_bytes)
    : surroundings_{surroundings},
      events_{events},
      backlog_{surroundings, events, body_bytes},
      connection_{must(postgres::Connection::open(patient(surroundings)))},
      admin_{must(kafka::Admin::create({.brokers = surroundings.kafka_brokers}))} {
    connection_.execute_script("set synchronous_commit = off");
}

// All that the relay would make at its start, which is none of what is measured.
void RelayContest::begin_topics() {
    prefix_ = "load-" + make_uuid_v7().text() + ".";
    std::vector<kafka::TopicToCreate> topics;
    for (const relay::WantedTopic& wanted : relay::wanted_topics({.prefix = prefix_}))
        topics.push_back({.name = wanted.name, .partitions = wanted.partitions});
    must(admin_.create_topics(topics, admin_deadline));
}

void RelayContest::end_topics() {
    std::vector<std::string> topics;
    for (const relay::WantedTopic& wanted : relay::wanted_topics({.prefix = prefix_}))
        topics.push_back(wanted.name);
    must(admin_.delete_topics(topics, admin_deadline));
}

double RelayContest::by_relay() {
    {
        telemetry::Metrics metrics;
        const journal::Keeper keeper{patient(surroundings_), {}, make_uuid_v4(), metrics};
        backlog_.put_into_journal();
    }
    begin_topics();
    double seconds = 0;
    {
        const auto began = std::chrono::steady_clock::now();
        test::ServiceProcess relay = start_relay(surroundings_, prefix_);
        while (!all_is_passed(connection_)) {
            if (std::chrono::steady_clock::now() > began + drain_deadline)
                throw std::runtime_error{"the relay has not drained the journal"};
            pause(std::chrono::milliseconds{20}, {});
        }
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        if (relay.metric("tollgate_relay_records_produced_total") < static_cast<double>(events_))
            throw std::runtime_error{"the relay has passed more than it has produced"};
    }
    end_topics();
    return seconds / static_cast<double>(events_);
}

// A broker's machine compiles what it does often: who comes first would pay for all.
void RelayContest::warm_up() {
    by_bare_producer();
}

double RelayContest::by_bare_producer() {
    begin_topics();
    std::uint64_t sent = 0;
    const double seconds = seconds_per_operation(1, [&] { sent = backlog_.put_onto(prefix_ + "raw"); });
    end_topics();
    if (sent != events_) throw std::runtime_error{fmt::format("{} of {} events were copied", sent, events_)};
    return seconds / static_cast<double>(events_);
}

// As outbox tables are drained mostly: rows with their payload, claimed, sent, deleted when acknowledged.
double RelayContest::by_claim_and_delete() {
    connection_.execute_script(
        "create table load_outbox (id bigserial primary key, event_id uuid not null, tenant uuid not null, "
        "source text not null, type text not null, time timestamptz, ordering_key text, content_type text, "
        "body bytea compression lz4 not null);"
        "insert into load_outbox (event_id, tenant, source, type, time, ordering_key, content_type, body) "
        "select id, tenant, source, provider || '.' || type, provider_time, ordering_key, content_type, body "
        "from archive.event order by id");
    connection_.execute_script("vacuum analyze load_outbox");
    begin_topics();
    const std::string topic = prefix_ + "raw";
    auto producer = must(kafka::Producer::create({.client = {.brokers = surroundings_.kafka_brokers}}));
    kafka::Sequence sequence = 0;
    const auto send = [&](const Row& row) {
        const events::Headers headers =
            events::to_headers({.id = row.get<Uuid>(0),
                                .source = {.tenant = row.get<Uuid>(1), .slug = row.get<std::string>(2)},
                                .type = row.get<std::string>(3),
                                .time = row.get<Timestamp>(4),
                                .content_type = row.get<std::string>(6)});
        const std::string key = events::record_key(row.get<Uuid>(1), row.get<std::string_view>(2),
                                                   row.get<std::string_view>(5), row.get<Uuid>(0));
        kafka::Record record{.topic = topic, .key = key, .value = row.get<std::string_view>(7)};
        for (const auto& [name, value] : headers) record.headers.push_back({name, value});
        ++sequence;
        while (!producer.send(sequence, record)) producer.poll(std::chrono::milliseconds{1});
    };
    connection_.execute_script("set synchronous_commit = on");
    const double seconds = seconds_per_operation(1, [&] {
        for (std::size_t claimed = 1; claimed > 0;) {
            claimed = must(transact(connection_, [&](Transaction& tx) -> Result<std::size_t> {
                const auto rows = tx.execute(
                    "delete from load_outbox where id in (select id from load_outbox order by id limit $1 "
                    "for update skip locked) returning event_id, tenant, source, type, time, ordering_key, "
                    "content_type, body",
                    rows_per_claim);
                for (const Row row : rows) send(row);
                const auto deliveries = producer.flush(admin_deadline);
                if (deliveries.failure) return std::unexpected{deliveries.failure->why};
                return rows.size();
            }));
        }
    });
    connection_.execute_script("set synchronous_commit = off; drop table load_outbox");
    end_topics();
    if (sequence != events_)
        throw std::runtime_error{fmt::format("{} of {} rows were claimed", sequence, events_)};
    return seconds / static_cast<double>(events_);
}

}  // namespace tollgate::load
