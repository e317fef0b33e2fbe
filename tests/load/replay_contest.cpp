#include "load/replay_contest.hpp"

#include <chrono>
#include <stdexcept>
#include <vector>

#include "archive/days.hpp"
#include "consumer/journal_subscription.hpp"
#include "consumer/registration.hpp"
#include "journal/keeper.hpp"
#include "load/backlog.hpp"
#include "load/measure.hpp"
#include "postgres/migrate.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

using consumer::ReplayJob;
using consumer::ReplaySettings;
using postgres::Transaction;
using namespace std::chrono_literals;

const tenants::Actor replay_operator{.name = "load", .role = tenants::Role::operator_, .tenants = {}};

namespace {

constexpr const char* name = "load-replay";
constexpr const char* role = "tollgate_enrichment";
constexpr std::int64_t rows_per_statement = 20'000;
constexpr std::chrono::minutes longest_replay{30};

// Ids of the last hour, in their order.
constexpr const char* insert_letters = R"(
    with made as (
        select g, consumer.first_id_at(now() - interval '1 hour' + g * interval '1 millisecond') as id,
                ('018f3b1c-7c5a-7000-8000-' || lpad(to_hex(g % 20), 12, '0'))::uuid as tenant
            from generate_series($1::bigint, $2) g
    ), taken as (
        insert into consumer.inbox (consumer, message_id, tenant) select $3, id, tenant from made
    )
    insert into consumer.work (consumer, message_id, tenant, state, attempt, changed_at, reason, fingerprint,
                               topic, key, value, headers)
        select $3, id, tenant, 'dead', 3, now() - g * interval '1 millisecond',
                'no rate for "EUR" at ' || g || ', of kind ' || g % 50, lpad(to_hex(g % 50), 16, '0'), 'raw',
                convert_to('key' || g % 1000, 'UTF8'), convert_to(repeat('x', 1000), 'UTF8'),
                jsonb_build_array(array['ce_specversion', '1.0'], array['ce_id', id::text],
                                  array['ce_source', '/tenants/' || tenant || '/sources/shop'],
                                  array['ce_type', 'stripe.invoice.paid'],
                                  array['ce_time', '2026-11-01T00:00:00.000Z'],
                                  array['ce_tenant', tenant::text], array['ce_schemaversion', '1.0'])
            from made)";

class DoneAtOnce final : public consumer::Handler {
public:
    std::vector<consumer::Outcome> apply(Transaction&, std::span<const consumer::Task> batch) override {
        return std::vector<consumer::Outcome>(batch.size(), consumer::Done{});
    }
};

postgres::Connection prepare(const Surroundings& surroundings) {
    auto owner = must(postgres::Connection::open(patient(surroundings)));
    must(postgres::migrate(owner, all_schemas(), [](const std::string&) {}));
    must(postgres::grant_roles(owner, "load_service"));
    must(archive::make_days(owner, 1));
    owner.execute_script("set tollgate.tenant = '*'; grant pg_checkpoint to current_user");
    return owner;
}

postgres::ConnectionSettings as(const Surroundings& surroundings, const char* wanted_role) {
    return {.url = Secret{surroundings.service_database_url},
            .role = wanted_role,
            .application_name = "load",
            .statement_timeout = longest_replay};
}

}  // namespace

// The runtime as it is shipped, on the journal.
class ReplayContest::Consumer {
public:
    explicit Consumer(const Surroundings& surroundings)
        : keeper_{patient(surroundings), {}, make_uuid_v4(), registry_}, metrics_{registry_, name} {
        auto connection = must(postgres::Connection::open(as(surroundings, role)));
        const Uuid since = must(consumer::register_consumer(connection, {.name = name}));
        const Uuid holder = make_uuid_v4();
        auto subscription = std::make_unique<consumer::JournalSubscription>(
            consumer::JournalSettings{
                .consumer = name, .topics = {"raw"}, .connection = as(surroundings, role)},
            holder);
        runtime_ = std::make_unique<consumer::Runtime>(
            consumer::RuntimeSettings{
                .consumer = name, .member = holder, .build = "load", .connection = as(surroundings, role)},
            std::move(subscription), handler_, since, metrics_);
        thread_ = std::jthread{[this](const std::stop_token& stop) {
            if (const auto ended = runtime_->run(stop); !ended)
                fmt::print(stderr, "the consumer has ended: {}\n", ended.error().text());
        }};
    }

private:
    telemetry::Metrics registry_;
    journal::Keeper keeper_;
    consumer::RuntimeMetrics metrics_;
    DoneAtOnce handler_;
    std::unique_ptr<consumer::Runtime> runtime_;
    std::jthread thread_;  // last: it uses all of the above
};

ReplayContest::ReplayContest(const Surroundings& surroundings)
    : surroundings_{surroundings},
      owner_{prepare(surroundings)},
      operators_{must(postgres::Connection::open(as(surroundings, "tollgate_operator")))} {}

ReplayContest::~ReplayContest() = default;

void ReplayContest::fill_letters(std::uint64_t letters) {
    owner_.execute_script(
        "truncate consumer.work, consumer.inbox, consumer.attempt, consumer.replay cascade");
    owner_.execute(
        "select consumer.make_days_of(array[consumer.first_id_at(now() - interval '1 hour'), "
        "consumer.first_id_at(now())])");
    const auto all = static_cast<std::int64_t>(letters);
    for (std::int64_t from = 1; from <= all; from += rows_per_statement)
        owner_.execute(insert_letters, from, std::min(all, from + rows_per_statement - 1), name);
    for (const char* const tidy :
         {"vacuum analyze consumer.work", "vacuum analyze consumer.inbox", "checkpoint"})
        owner_.execute_script(tidy);
}

void ReplayContest::start_consumer() {
    consumer_ = std::make_unique<Consumer>(surroundings_);
}

void ReplayContest::stop_consumer() {
    consumer_.reset();
}

ReplayJob ReplayContest::order(const ReplaySettings& settings) {
    return must(transact(operators_,
                         [&](Transaction& tx) {
                             return consumer::start_replay(
                                 tx, replay_operator,
                                 {.consumer = name, .limit = consumer::replay_messages_max}, settings,
                                 "to be measured");
                         }))
        .job;
}

ReplayJob ReplayContest::show(const Uuid& id) {
    return must(transact(operators_,
                         [&](Transaction& tx) { return consumer::show_replay(tx, replay_operator, id); }));
}

double ReplayContest::replay_all(const ReplaySettings& settings) {
    const Uuid id = order(settings).id;
    const auto deadline = std::chrono::steady_clock::now() + longest_replay;
    for (;;) {
        const ReplayJob job = show(id);
        if (job.ended()) {
            if (job.state != "done" || job.done != job.total) {
                throw std::runtime_error{
                    fmt::format("the replay is {}: {} of {} done", job.state, job.done, job.total)};
            }
            const std::chrono::duration<double> took = *job.ended_at - job.created_at;
            return static_cast<double>(job.total) / took.count();
        }
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error{fmt::format("the replay has done {} of {}", job.done, job.total)};
        pause_until(std::chrono::steady_clock::now() + 50ms);
    }
}

double ReplayContest::pause_in_the_middle() {
    const ReplayJob job = order({});
    while (show(job.id).done < job.total / 10) pause_until(std::chrono::steady_clock::now() + 5ms);
    const auto began = std::chrono::steady_clock::now();
    must(transact(operators_, [&](Transaction& tx) {
        return consumer::pause_replay(tx, replay_operator, job.id, "to be measured");
    }));
    while (show(job.id).outstanding > 0) pause_until(std::chrono::steady_clock::now() + 2ms);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const ReplayJob paused = show(job.id);
    if (paused.started == paused.total) throw std::runtime_error{"the replay was over before it was paused"};
    pause_until(std::chrono::steady_clock::now() + 1s);
    if (show(job.id).started != paused.started)
        throw std::runtime_error{"a replay that is paused has started more"};
    must(transact(operators_, [&](Transaction& tx) {
        return consumer::abort_replay(tx, replay_operator, job.id, "measured");
    }));
    return took.count();
}

}  // namespace tollgate::load
