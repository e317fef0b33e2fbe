// What is kept of subscriptions beside their facts: it is what all facts say, in whatever order they came,
// and what one more of them costs does not grow with those before it.
#include <algorithm>
#include <array>
#include <random>

#include <catch2/catch.hpp>

#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using events::PaymentEvent;

namespace {

using Texts = std::vector<std::string>;
constexpr std::int64_t begin = 1'790'000'000;

PaymentEvent update(const std::string& subscription, std::int64_t second, const std::string& status) {
    PaymentEvent made;
    made.set_fact(v1::FACT_SUBSCRIPTION_UPDATED);
    made.set_provider("stripe");
    made.set_mode(v1::MODE_LIVE);
    made.mutable_provider_time()->set_seconds(begin + second);
    made.mutable_references()->set_subscription_id(subscription);
    made.set_status(status);
    return made;
}

PaymentEvent paying(PaymentEvent made, std::int64_t mrr, const std::string& currency) {
    made.mutable_mrr()->set_minor(mrr);
    made.mutable_mrr()->set_currency(currency);
    return made;
}

std::string currency_of(std::size_t number) {
    std::string letters{"AAA"};
    for (char& letter : letters) {
        letter = static_cast<char>('A' + number % 26);
        number /= 26;
    }
    return letters;
}

// The definition, fact by fact and currency by currency: what came in it before and what comes now, and
// whether anything ever came in it.
constexpr std::string_view moved_by_definition =
    "with told as ("
    "  select f.*, case when f.status in ('active', 'past_due') then f.mrr_minor else 0 end as minor "
    "  from billing.subscription_fact f "
    "  where f.status is not null and (f.status not in ('active', 'past_due') or f.mrr_minor is not null)"
    "), series as ("
    "  select t.tenant, t.subscription, c.currency, t.event_id, t.at, t.version, t.rank, t.is_followed, "
    "  t.provider_event, case when t.currency = c.currency then t.minor else 0 end as minor "
    "  from told t join (select distinct tenant, subscription, currency from billing.subscription_fact "
    "  where currency is not null) c using (tenant, subscription)"
    "), steps as ("
    "  select s.*, lag(s.minor, 1, 0::bigint) over moves as was, "
    "  coalesce(max(s.minor) over (moves rows between unbounded preceding and 1 preceding), 0) as most "
    "  from series s window moves as (partition by s.tenant, s.subscription, s.currency "
    "  order by s.at, s.version, s.rank, s.is_followed desc, s.provider_event, s.event_id)"
    ") select s.tenant, s.subscription, s.currency, s.event_id, s.at, "
    "case when s.was = 0 and s.most = 0 then 'new' when s.was = 0 then 'reactivation' "
    "when s.minor = 0 then 'churn' when s.minor > s.was then 'expansion' else 'contraction' end as effect, "
    "s.minor - s.was as delta_minor from steps s where s.minor <> s.was";

constexpr std::string_view moved_as_kept =
    "select tenant, subscription, currency, event_id, at, effect, delta_minor from billing.mrr_standing";

// Of two tables of the same columns, what is in one alone.
Texts apart(BillingWorld& world, std::string_view one, std::string_view other) {
    return world.rows(fmt::format(
        "select d::text from ((({0}) except all ({1})) union all (({1}) except all ({0}))) d", one, other));
}

template <typename T, std::size_t Count>
T any_of(std::mt19937& random, const std::array<T, Count>& choices) {
    return choices[random() % Count];
}

// As it was told before, or wrongly.
void tell_before(std::mt19937& random, const std::vector<PaymentEvent>& life, PaymentEvent& made) {
    if (life.empty() || random() % 3 == 0) return;
    const PaymentEvent& earlier = random() % 3 == 0 ? life[random() % life.size()] : life.back();
    // Of one second more often, where it tells which comes first.
    if (random() % 2 == 0) *made.mutable_provider_time() = earlier.provider_time();
    made.set_previous_status(earlier.status());
    if (earlier.has_ends_at()) *made.mutable_previous_ends_at() = earlier.ends_at();
    if (random() % 5 == 0) made.mutable_previous_ends_at()->set_seconds(begin + 200);
}

// A life that makes no sense, which is the hardest: several updates in a second, each in some currency.
std::vector<PaymentEvent> any_life(std::mt19937& random, const std::string& subscription) {
    static const std::array<std::string, 7> statuses{"active", "active",   "past_due", "canceled",
                                                     "paused", "trialing", "no such"};
    static const std::array<std::string, 3> currencies{"EUR", "USD", "JPY"};
    static const std::array<std::int64_t, 5> prices{0, 1000, 2000, 3000, -500};
    static const std::array<v1::Fact, 4> facts{v1::FACT_SUBSCRIPTION_CREATED, v1::FACT_SUBSCRIPTION_UPDATED,
                                               v1::FACT_SUBSCRIPTION_UPDATED, v1::FACT_SUBSCRIPTION_ENDED};
    std::vector<PaymentEvent> life;
    for (int i = 0; i < 24; ++i) {
        PaymentEvent made =
            update(subscription, static_cast<std::int64_t>(random() % 12), any_of(random, statuses));
        made.set_fact(any_of(random, facts));
        made.set_provider_event_id(fmt::format("evt_{}", random() % 1000));
        if (random() % 4 != 0) {
            made = paying(made, any_of(random, prices), any_of(random, currencies));
            if (random() % 2 == 0) {
                made.mutable_mrr_delta()->set_currency(made.mrr().currency());
                made.mutable_mrr_delta()->set_minor(made.mrr().minor() - any_of(random, prices));
            }
        }
        if (random() % 3 == 0) made.mutable_plan()->set_name(fmt::format("plan {}", random() % 3));
        if (random() % 3 == 0) made.mutable_ends_at()->set_seconds(begin + 100);
        tell_before(random, life, made);
        if (random() % 5 == 0) made.set_quantity(static_cast<std::uint32_t>(random() % 9 + 1));
        life.push_back(std::move(made));
    }
    return life;
}

std::int64_t read_for(BillingWorld& world, const Sent& one) {
    postgres::Connection billing = open(world.billing());
    postgres::Transaction tx{billing};
    feed_billing(tx, {one});
    return tx
        .execute(
            "select sum(seq_tup_read + idx_tup_fetch + n_tup_ins + n_tup_upd + n_tup_del)::bigint "
            "from pg_stat_xact_user_tables where schemaname = 'billing'")
        .only()
        .get<std::int64_t>(0);
}

}  // namespace

TEST_CASE("what is kept of subscriptions is what all of their facts say, however they came") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    std::vector<Sent> all;
    for (int i = 0; i < 12; ++i) {
        for (PaymentEvent& each : any_life(random, fmt::format("sub_{}", i)))
            all.push_back({.tenant = tenant, .event = std::move(each)});
    }
    std::ranges::shuffle(all, random);
    const auto second = [&all](std::size_t i) { return all[i].event.provider_time().seconds(); };
    for (std::size_t from = 0; from < all.size();) {
        const std::size_t to = std::min(all.size(), from + 1 + random() % 40);
        world.feed(
            {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)});
        // Some are done over, and some say something else by then.
        Sent again = all[random() % to];
        world.feed({again});
        if (second(from) % 3 == 0) {
            all[from].event.set_status("past_due");
            world.feed({all[from]});
        }
        from = to;
    }
    CHECK(world.rows("select count(*)::text from billing.subscription_fact") ==
          Texts{std::to_string(all.size())});
    CHECK(apart(world, moved_as_kept, moved_by_definition).empty());
    CHECK(apart(world, moved_as_kept,
                "select tenant, subscription, currency, event_id, at, effect, delta_minor "
                "from billing.mrr_movement")
              .empty());
    CHECK(apart(world,
                "select tenant, id, status, mrr_minor, currency, plan, quantity, ends_at, first_at, last_at "
                "from billing.subscription",
                "select tenant, id, status, mrr_minor, currency, plan, quantity, ends_at, first_at, last_at "
                "from billing.subscription_standing")
              .empty());
    // The same facts, all at once and from the beginning.
    BillingWorld at_once;
    at_once.feed(all);
    const std::string standing =
        "select concat_ws(' ', id, status, mrr_minor, currency, plan, quantity, ends_at, first_at, last_at) "
        "from billing.subscription_standing order by 1";
    CHECK(world.rows(standing) == at_once.rows(standing));
    const std::string moved =
        "select concat_ws(' ', subscription, currency, event_id, at, effect, delta_minor) "
        "from billing.mrr_standing order by 1";
    CHECK(world.rows(moved) == at_once.rows(moved));
}

TEST_CASE("one more fact of a subscription with many, in many currencies, reads few of them") {
    constexpr std::size_t before = 3000;
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    std::vector<Sent> batch;
    for (std::size_t i = 0; i < before; ++i) {
        batch.push_back({.tenant = tenant,
                         .event = paying(update("sub_1", static_cast<std::int64_t>(i), "active"), 1000,
                                         currency_of(i % 129))});
    }
    world.feed(batch);
    CHECK(
        world.rows("select effect || ' ' || count(*) from billing.mrr_standing group by effect order by 1") ==
        Texts{"churn 2999", "new 129", "reactivation 2871"});
    CHECK(read_for(world, {.tenant = tenant,
                           .event = paying(update("sub_1", before, "active"), 2000, currency_of(7))}) < 500);
    CHECK(read_for(world, {.tenant = tenant, .event = update("sub_1", before, "canceled")}) < 100);
}

TEST_CASE("one more fact of a subscription with many that tell no revenue reads few of them") {
    constexpr std::int64_t before = 3000;
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    std::vector<Sent> batch{{.tenant = tenant, .event = paying(update("sub_1", 0, "active"), 1000, "EUR")},
                            {.tenant = tenant, .event = update("sub_1", 1, "paused")}};
    for (std::int64_t i = 2; i < before; ++i)
        batch.push_back({.tenant = tenant, .event = update("sub_1", i, i % 7 == 0 ? "past_due" : "active")});
    world.feed(batch);
    const auto read = [&](PaymentEvent made) {
        return read_for(world, {.tenant = tenant, .event = std::move(made)});
    };
    CHECK(read(update("sub_1", before, "active")) < 100);
    CHECK(read(update("sub_1", before, "canceled")) < 100);
    CHECK(read(paying(update("sub_1", before, "active"), 2000, "EUR")) < 100);
    CHECK(world.rows("select effect from billing.mrr_standing order by at") == Texts{"new", "churn"});
}
