#include "load/relay_contest.hpp"

#include <stdexcept>

#include "archive/events.hpp"
#include "core/pause.hpp"
#include "events/cloud_event.hpp"
#include "events/record_key.hpp"
#include "journal/keeper.hpp"
#include "journal/readers.hpp"
#include "kafka/producer.hpp"
#include "load/kafka/bare_producer.hpp"
#include "load/measure.hpp"
#include "load/postgres/copy_out.hpp"
#include "load/relay_process.hpp"
#include "load/stripe_body.hpp"
#include "relay/service.hpp"

namespace tollgate::load {

namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::uint64_t events_per_statement = 1000;
constexpr std::uint64_t entries_per_commit = 100;
constexpr std::int64_t rows_per_claim = 1000;
constexpr std::size_t ordering_keys = 5000;
constexpr std::chrono::seconds admin_deadline{60};
constexpr std::chrono::minutes drain_deadline{30};
constexpr const char* tenant = "018f3b1c-7c5a-7000-8000-000000000001";

archive::Event event_of(std::uint64_t number, const StripeBody& bodies) {
    archive::Event event{.id = make_uuid_v7(),
                         .tenant = Uuid::parse(tenant).value(),
                         .source = "stripe",
                         .provider = "stripe",
                         .type = "invoice.payment_succeeded",
                         .provider_time = SystemClock{}.now(),
                         .ordering_key = fmt::format("cus_{:014}", number % ordering_keys),
                         .content_type = "application/json",
                         .headers = "content-type: application/json\n"};
    bodies.append(number, event.body);
    return event;
}

// Filling takes as long as it takes.
postgres::ConnectionSettings patient(const Surroundings& surroundings) {
    return {.url = Secret{surroundings.database_url},
            .application_name = "relay load",
            .statement_timeout = drain_deadline,
            .idle_in_transaction_timeout = drain_deadline};
}

// By position, as a reader has it that has passed everything.
bool all_is_passed(postgres::Connection& connection) {
    for (const journal::ReaderState& reader : must(journal::list_readers(connection))) {
        if (reader.name == relay::reader_name) return reader.unread == 0 && !reader.behind_since;
    }
    return false;
}

}  // namespace

RelayContest::RelayContest(const Surroundings& surroundings, std::uint64_t events, std::size_t body_bytes)
    : surroundings_{surroundings},
      events_{events},
      connection_{must(postgres::Connection::open(patient(surroundings)))},
      admin_{must(kafka::Admin::create({.brokers = surroundings.kafka_brokers}))} {
    fill_archive(body_bytes);
}

void RelayContest::fill_archive(std::size_t body_bytes) {
    connection_.execute_script("truncate archive.event; set synchronous_commit = off");
    const StripeBody bodies{body_bytes, 1,
                            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    for (std::uint64_t number = 0; number < events_;) {
        std::vector<archive::Event> events;
        for (; events.size() < events_per_statement && number < events_; ++number)
            events.push_back(event_of(number, bodies));
        must(transact(connection_, [&](Transaction& tx) { archive::write(tx, events); }));
    }
    connection_.execute_script("vacuum analyze archive.event");
}

// In commits and ticks as they come from an ingress under load.
void RelayContest::fill_journal() {
    telemetry::Metrics metrics{"load"};
    const journal::Keeper keeper{patient(surroundings_), {}, make_uuid_v4(), metrics};
    connection_.execute_script(
        "create temporary table load_ids as "
        "select id, tenant, row_number() over (order by id) as place from archive.event");
    connection_.execute_script("create index on load_ids (place)");
    for (std::uint64_t done = 0; done < events_; done += entries_per_commit) {
        connection_.execute(
            "insert into journal.entry (child, tenant, topic, event_id) select s.child, l.tenant, 'raw', "
            "l.id "
            "from journal.state s, load_ids l where l.place > $1 and l.place <= $1 + $2 order by l.place",
            static_cast<std::int64_t>(done), static_cast<std::int64_t>(entries_per_commit));
    }
    connection_.execute_script("drop table load_ids");
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
    fill_journal();
    begin_topics();
    double seconds = 0;
    {
        const auto began = std::chrono::steady_clock::now();
        RelayProcess relay{surroundings_, prefix_};
        while (!all_is_passed(connection_)) {
            if (std::chrono::steady_clock::now() > began + drain_deadline)
                throw std::runtime_error{"the relay has not drained the journal"};
            pause(std::chrono::milliseconds{20}, {});
        }
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        if (relay.metric("records_produced_total") < static_cast<double>(events_))
            throw std::runtime_error{"the relay has passed more than it has produced"};
    }
    end_topics();
    return seconds / static_cast<double>(events_);
}

double RelayContest::by_bare_producer() {
    begin_topics();
    std::uint64_t sent = 0;
    const double seconds = seconds_per_operation(1, [&] {
        BareProducer producer{surroundings_.kafka_brokers, prefix_ + "raw"};
        copy_out(surroundings_.database_url,
                 "select id::text, tenant || '/' || source || '/' || ordering_key, body from archive.event",
                 [&](std::span<const std::string_view> columns) {
                     producer.send(columns[0], columns[1], columns[2]);
                     ++sent;
                 });
        producer.flush();
    });
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
