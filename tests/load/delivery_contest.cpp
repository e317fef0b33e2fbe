#include "load/delivery_contest.hpp"

#include <csignal>
#include <fstream>
#include <set>

#include "archive/days.hpp"
#include "crypto/keyring.hpp"
#include "delivery/handler.hpp"
#include "events/payment_event.hpp"
#include "load/database.hpp"
#include "load/measure.hpp"
#include "postgres/migrate.hpp"
#include "support/wait.hpp"
#include "tenants/destinations.hpp"
#include "tenants/tenants.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

namespace {

using postgres::Transaction;
using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t channels = 50;
constexpr double offered_per_second = 5;
constexpr std::chrono::minutes settles_within{10};
// What of them is bad, if any is; the rest is good.
constexpr std::array bad_moods{Mood::slow, Mood::slower, Mood::failing, Mood::limited, Mood::silent};

std::string name_of(std::size_t channel) {
    return fmt::format("c{:02}", channel);
}

bool is_good(const std::string& channel) {
    return channel >= name_of(bad_moods.size());
}

postgres::Connection prepare(const Surroundings& surroundings) {
    auto owner = open_database(surroundings, "load");
    must(postgres::migrate(owner, all_schemas(), [](const std::string&) {}));
    must(postgres::grant_roles(owner, "load_service"));
    must(archive::make_days(owner, 1));
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner;
}

std::string make_keys(const test::TemporaryFolder& folder) {
    const std::string file = folder.path() / "seal.keys";
    std::ofstream{file} << must(crypto::make_key_line("load")).reveal();
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    return file;
}

v1::PaymentEvent payment(const Uuid& id) {
    v1::PaymentEvent event;
    event.set_provider("stripe");
    event.set_provider_event_type("charge.failed");
    event.set_mode(v1::MODE_LIVE);
    event.set_category(v1::CATEGORY_MONEY_AT_RISK);
    event.set_fact(v1::FACT_PAYMENT_FAILED);
    event.mutable_subject()->set_id("ch_" + id.text());
    event.mutable_amount()->set_minor(4900);
    event.mutable_amount()->set_currency("EUR");
    event.mutable_customer()->set_name("Acme Corp");
    return event;
}

}  // namespace

DeliveryContest::DeliveryContest(const Surroundings& surroundings)
    : surroundings_{surroundings},
      keys_file_{make_keys(folder_)},
      owner_{prepare(surroundings)},
      planner_{must(postgres::Connection::open({.url = Secret{surroundings.service_database_url},
                                                .role = "tollgate_delivery",
                                                .finds_by_index = true}))} {
    make_channels();
    start_sender();
}

void DeliveryContest::make_channels() {
    const tenants::Actor admin{.name = "load", .role = tenants::Role::admin};
    const auto keys = must(crypto::Keyring::load(keys_file_));
    must(postgres::transact(owner_, [&](Transaction& tx) -> Result<void> {
        tenants::see_all_tenants(tx);
        tenant_ = must(tenants::create_tenant(tx, admin, {.slug = "load"})).id;
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const auto secret = must(tenants::check_secret(
                tenants::DestinationKind::slack_webhook, Secret{slack_.webhook(name_of(channel))},
                [](const std::string&) -> Result<std::string> { return "127.0.0.1"; }));
            must(tenants::create_destination(
                tx, admin, keys, "load",
                {.slug = name_of(channel),
                 .secret = secret,
                 .settings =
                     R"({"messages_per_second": 10, "burst": 10, "sibling_wait_ms": 0, "storm_after": 0})"}));
        }
        // The first one came with rules; here all are told of everything.
        tx.execute("delete from delivery.rule");
        tx.execute(
            "insert into delivery.rule (tenant, rule, destination, place, name, way) "
            "select tenant, gen_random_uuid(), destination, 1, 'everything', 'message' "
            "from tenants.destination");
        tx.execute("insert into tenants.audit (tenant, actor, verb) values ($1, 'load', 'rule add')",
                   tenant_);
        return {};
    }));
}

void DeliveryContest::start_sender() {
    sender_.emplace("tollgate-delivery", test::ChildProcess::Environment{
                                             {"TOLLGATE_DATABASE_URL", surroundings_.service_database_url},
                                             {"TOLLGATE_SEAL_KEYS_FILE", keys_file_},
                                             {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"}});
}

void DeliveryContest::offer() {
    const Uuid id = make_uuid_v7();
    const consumer::Message message{
        .topic = "payment", .value = must(events::encode(payment(id))), .id = id, .tenant = tenant_};
    const std::vector<consumer::Task> tasks{{.message = &message, .id = id}};
    must(postgres::transact(planner_, [&](Transaction& tx) -> Result<void> {
        const auto outcomes = delivery::PlanHandler{}.apply(tx, tasks);
        if (!std::holds_alternative<consumer::Done>(outcomes.front()))
            return fail(ErrorCode::internal, "an event was not planned");
        return {};
    }));
    planned_at_[as_named(id.text())] = std::chrono::steady_clock::now();
}

Delivered DeliveryContest::run(const DeliveryRun& wanted) {
    for (std::size_t channel = 0; channel < bad_moods.size(); ++channel)
        slack_.set(name_of(channel), wanted.with_the_bad ? bad_moods[channel] : Mood::good);
    Delivered delivered;
    const Time began = std::chrono::steady_clock::now();
    const auto events =
        static_cast<std::size_t>(offered_per_second * static_cast<double>(wanted.length.count()));
    const std::size_t kill_every = wanted.kills == 0 ? events + 1 : events / (wanted.kills + 1);
    for (std::size_t event = 0; event < events; ++event) {
        pause_until(began + std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>{
                                static_cast<double>(event) / offered_per_second}));
        offer();
        if ((event + 1) % kill_every == 0 && (event + 1) / kill_every <= wanted.kills) {
            sender_->end(SIGKILL);
            start_sender();
        }
    }
    delivered.offered = events * channels;
    // Whatever was bad is good again: now all must come to an end.
    for (std::size_t channel = 0; channel < bad_moods.size(); ++channel)
        slack_.set(name_of(channel), Mood::good);
    settle(delivered);
    count(slack_.take(), delivered);
    planned_at_.clear();
    // What the planner knows of the tables outlives their rows, as it would in an installation of some days.
    owner_.execute(
        "analyze delivery.delivery, delivery.delivery_event, delivery.event, delivery.attempt, "
        "delivery.fact_name");
    owner_.execute(
        "truncate delivery.delivery, delivery.delivery_event, delivery.event, delivery.attempt, "
        "delivery.fact_name, delivery.story, delivery.storm");
    return delivered;
}

void DeliveryContest::settle(Delivered& delivered) {
    const Time began = std::chrono::steady_clock::now();
    const auto unsettled = [&] {
        return static_cast<std::uint64_t>(
            owner_.execute("select count(*) from delivery.delivery where state in ('waiting', 'sending')")
                .only()
                .get<std::int64_t>(0));
    };
    test::wait_until([&] { return unsettled() == 0; }, settles_within);
    delivered.unsettled = unsettled();
    delivered.settled_after_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    delivered.unknown = static_cast<std::uint64_t>(
        owner_.execute("select count(*) from delivery.delivery where state = 'unknown'")
            .only()
            .get<std::int64_t>(0));
}

void DeliveryContest::count(const std::vector<Arrival>& arrivals, Delivered& delivered) {
    std::set<std::string> in_doubt;
    for (const postgres::Row row :
         owner_.execute("select distinct d.slug || ' ', e.event_id::text from delivery.attempt a "
                        "join delivery.delivery m using (tenant, delivery) "
                        "join delivery.delivery_event e using (tenant, delivery) "
                        "join tenants.destination d on (d.tenant, d.destination) = (m.tenant, m.destination) "
                        "where a.outcome = 'unknown' or a.outcome is null"))
        in_doubt.insert(row.get<std::string>(0) + as_named(row.get<std::string>(1)));
    std::map<std::string, std::size_t> taken;
    for (const Arrival& arrival : arrivals) {
        const auto planned = planned_at_.find(arrival.event);
        if (planned == planned_at_.end()) throw std::runtime_error{"a message names no event"};
        const std::string what = arrival.channel + " " + arrival.event;
        const bool is_first = !taken.contains(what);
        if (arrival.taken) ++taken[what];
        if (is_first && is_good(arrival.channel)) delivered.good.record(arrival.at - planned->second);
    }
    for (const auto& [what, times] : taken) delivered.twice += times > 1 && !in_doubt.contains(what) ? 1 : 0;
}

}  // namespace tollgate::load
