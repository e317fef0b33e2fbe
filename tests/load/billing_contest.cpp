#include "load/billing_contest.hpp"

#include <cstdio>

#include "archive/days.hpp"
#include "archive/events.hpp"
#include "billing/handler.hpp"
#include "consumer/registration.hpp"
#include "enrichment/companies.hpp"
#include "enrichment/handler.hpp"
#include "enrichment/lookups.hpp"
#include "journal/readers.hpp"
#include "postgres/migrate.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

namespace {

using postgres::Transaction;

constexpr std::size_t body_bytes = 1024;

postgres::Connection prepare(const Surroundings& surroundings) {
    auto owner = must(postgres::Connection::open(patient(surroundings)));
    must(postgres::migrate(owner, all_schemas(), [](const std::string&) {}));
    must(postgres::grant_roles(owner, "load_service"));
    must(archive::make_days(owner, 1));
    owner.execute_script(
        "grant pg_checkpoint to current_user; select set_config('tollgate.tenant', '*', false)");
    make_effect_table(owner);
    return owner;
}

postgres::ConnectionSettings as_role(const Surroundings& surroundings, const std::string& role) {
    return {.url = Secret{surroundings.service_database_url}, .role = role};
}

void tell(const char* what, const Drain& drained, std::uint64_t events) {
    fmt::print(stderr, "{}: {:.0f} events/s, {:.0f} % of the time in its handler, batches of {:.0f}\n", what,
               static_cast<double>(events) / drained.seconds,
               drained.handling_seconds / drained.seconds * 100,
               static_cast<double>(events) / static_cast<double>(drained.batches));
}

}  // namespace

BillingContest::BillingContest(const Surroundings& surroundings, std::uint64_t events)
    : surroundings_{surroundings},
      events_{events},
      connection_{prepare(surroundings)},
      backlog_{surroundings, events, body_bytes} {
    keeper_.emplace(patient(surroundings), journal::KeeperSettings{}, make_uuid_v4(), metrics_);
}

void BillingContest::register_anew(const std::string& consumer, const std::string& input,
                                   const std::string& role) {
    auto service = must(postgres::Connection::open(as_role(surroundings_, role)));
    must(consumer::register_consumer(
        service, {.name = consumer, .input = input, .beginning = consumer::Beginning::from_now}));
}

Stages BillingContest::by_services() {
    connection_.execute_script(
        "truncate consumer.inbox, consumer.begun, archive.payment_event, enrichment.fact, "
        "enrichment.customer");
    register_anew("enrichment", "raw", "tollgate_enrichment");
    register_anew("billing", "payment", "tollgate_billing");
    backlog_.put_into_journal();
    connection_.execute_script("checkpoint");
    enrichment::EnrichmentHandler enriching;
    billing::BillingHandler booking;
    Stages stages;
    stages.enrichment =
        drain(surroundings_, {.consumer = "enrichment", .handler = &enriching, .events = events_});
    tell("enrichment", stages.enrichment, events_);
    connection_.execute_script("analyze archive.payment_event; checkpoint");
    stages.billing = drain(surroundings_, {.consumer = "billing",
                                           .role = "tollgate_billing",
                                           .topic = "payment",
                                           .handler = &booking,
                                           .events = events_});
    tell("billing", stages.billing, events_);
    check();
    return stages;
}

// Some of the bodies are of one invoice, which is one payment.
void BillingContest::check() {
    const auto row = connection_.execute(
        "select (select count(*) from archive.payment_event), "
        "(select count(*) from consumer.inbox where consumer in ('enrichment', 'billing')), "
        "(select count(*) from consumer.work), "
        "(select count(*) from billing.payment p where p.taken_for is null and not exists "
        "(select from billing.entry e where e.payment = p.id)), (select count(*) from billing.payment)");
    const auto count = [&](std::size_t column) {
        return static_cast<std::uint64_t>(row.only().get<std::int64_t>(column));
    };
    if (count(0) == events_ && count(1) == 2 * events_ && count(2) == 0 && count(3) == 0 && count(4) > 0)
        return;
    throw std::runtime_error{fmt::format(
        "of {} events {} became payment events, {} of twice as many are done, {} wait, and of {} payments "
        "{} are not booked",
        events_, count(0), count(1), count(2), count(4), count(3))};
}

double BillingContest::by_rows() {
    connection_.execute_script("truncate consumer.inbox, consumer.begun, load.effect");
    const std::string name = "load-" + make_uuid_v7().text();
    register_anew(name, "raw", drain_role);
    backlog_.put_into_journal();
    connection_.execute_script("checkpoint");
    const Drain drained =
        drain(surroundings_, {.consumer = name, .effect = Effect::row_per_message, .events = events_});
    tell("a row for each", drained, events_);
    // Though nothing is unread, a tick may be left that has no entries.
    must(journal::retire_reader(connection_, name, true));
    return drained.seconds;
}

Latencies BillingContest::looked_up(std::uint64_t events) {
    auto settings = enrichment::LookupSettings{.connection = as_role(surroundings_, "tollgate_enrichment"),
                                               .brandfetch_key = Secret{"nobody is asked"},
                                               // A port that nobody listens at: the cache has it all.
                                               .brandfetch_url = "http://127.0.0.1:9/"};
    auto connection = must(postgres::Connection::open(settings.connection));
    const auto lookups = must(enrichment::Lookups::make(std::move(settings), metrics_));
    std::vector<std::string> bodies;
    std::vector<archive::Event> stored;
    std::vector<enrichment::DomainAnswer> known;
    for (std::uint64_t i = 0; i < events; ++i) {
        const std::string domain = fmt::format("company-{}.de", i);
        bodies.push_back(fmt::format(R"({{"object": "event", "data": {{"object": {{"object": "customer",
                                         "id": "cus_{}", "email": "ada@{}"}}}}}})",
                                     i, domain));
        stored.push_back({.id = make_uuid_v7(),
                          .tenant = make_uuid_v7(),
                          .source = "stripe",
                          .provider = "stripe",
                          .type = "customer.created",
                          .headers = "a: b\n",
                          .body = bodies.back()});
        v1::Company company;
        company.set_name(domain);
        known.push_back({domain, {.found = true, .company = company, .good_for = std::chrono::hours{24}}});
    }
    must(transact(connection_, [&](Transaction& tx) { archive::write(tx, stored); }));
    must(transact(connection, [&](Transaction& tx) { enrichment::keep_companies(tx, known); }));
    Latencies latencies;
    for (std::uint64_t i = 0; i < events; ++i) {
        const consumer::Message message{.value = bodies[i], .id = stored[i].id, .tenant = stored[i].tenant};
        const consumer::Task task{.message = &message, .id = stored[i].id};
        const auto began = std::chrono::steady_clock::now();
        must(lookups->look_up({&task, 1}, began + std::chrono::seconds{10}));
        const auto found = must(transact(
            connection, [&](Transaction& tx) { return enrichment::read_companies(tx, {known[i].domain}); }));
        latencies.record(std::chrono::steady_clock::now() - began);
        if (!found.contains(known[i].domain))
            throw std::runtime_error{"a company that is known was not found"};
    }
    return latencies;
}

}  // namespace tollgate::load
