#include "load/backlog.hpp"

#include <vector>

#include "archive/events.hpp"
#include "load/kafka/bare_producer.hpp"
#include "load/postgres/copy_out.hpp"
#include "load/stripe_body.hpp"

namespace tollgate::load {

namespace {

using postgres::Transaction;

constexpr std::uint64_t events_per_statement = 1000;
constexpr std::uint64_t entries_per_commit = 100;
constexpr std::size_t ordering_keys = 5000;
constexpr std::chrono::minutes longest_statement{30};
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

}  // namespace

// Filling takes as long as it takes.
postgres::ConnectionSettings patient(const Surroundings& surroundings) {
    return {.url = Secret{surroundings.database_url},
            .application_name = "load",
            .statement_timeout = longest_statement,
            .idle_in_transaction_timeout = longest_statement};
}

Backlog::Backlog(const Surroundings& surroundings, std::uint64_t events, std::size_t body_bytes)
    : surroundings_{surroundings},
      events_{events},
      connection_{must(postgres::Connection::open(patient(surroundings)))} {
    connection_.execute_script("truncate archive.event; set synchronous_commit = off");
    const StripeBody bodies{body_bytes, 1,
                            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    for (std::uint64_t number = 0; number < events_;) {
        std::vector<archive::Event> filled;
        for (; filled.size() < events_per_statement && number < events_; ++number)
            filled.push_back(event_of(number, bodies));
        must(transact(connection_, [&](Transaction& tx) { archive::write(tx, filled); }));
    }
    connection_.execute_script("vacuum analyze archive.event");
}

void Backlog::put_into_journal() {
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

std::uint64_t Backlog::put_onto(const std::string& topic) {
    std::uint64_t sent = 0;
    BareProducer producer{surroundings_.kafka_brokers, topic};
    copy_out(surroundings_.database_url,
             "select id::text, tenant || '/' || source || '/' || ordering_key, body from archive.event",
             [&](std::span<const std::string_view> columns) {
                 producer.send(columns[0], columns[1], columns[2]);
                 ++sent;
             });
    producer.flush();
    return sent;
}

}  // namespace tollgate::load
