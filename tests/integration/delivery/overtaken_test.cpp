// What waits while the world goes on: messages that are overtaken, quiet hours that begin, storms that end.
#include <catch2/catch.hpp>

#include "integration/delivery/quick_world.hpp"
#include "integration/delivery/scripted_channel.hpp"
#include "integration/tenants/fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace tollgate::test;
using Texts = std::vector<std::string>;

namespace {

constexpr const char* const of_bot =
    R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100, "channel": "C1"})";
constexpr const char* const always_quiet =
    R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100,)"
    R"( "quiet_hours": {"from": "00:00", "until": "00:00"}})";

struct BotWorld : Deliveries {
    explicit BotWorld(const char* settings = of_bot) {
        destination("payments", settings);
        tell_everything("payments");
    }
    bool all_sent() { return in_state("waiting") == 0 && in_state("sending") == 0; }
};

Handed paid(const std::string& invoice) {
    return {payment_event("fact: FACT_INVOICE_PAID attempt: 2 references { invoice_id: \"" + invoice +
                          "\" } amount { minor: 900 currency: \"USD\" }")};
}

}  // namespace

TEST_CASE("a change of a first message that comes late does not overwrite what was said since") {
    BotWorld world;
    ScriptedChannel channel;
    channel.always({.kind = OutcomeKind::delivered, .channel = "C1", .ts = "1.1"});
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    channel.next({.kind = OutcomeKind::delivered, .channel = "C1", .ts = "1.2"});
    channel.next({.kind = OutcomeKind::retry, .reason = "trouble", .after = std::chrono::hours{1}});
    Handed again = failed("in_1");
    again.event.set_attempt(2);
    world.plan({again});
    // The reply went, the change did not.
    REQUIRE(wait_until([&] { return channel.calls() == 3 && world.in_state("waiting") == 1; }));
    world.plan({paid("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 5 && world.in_state("sending") == 0; }));
    world.change("update delivery.delivery set due_at = now() - interval '1 s' where state = 'waiting'");
    REQUIRE(wait_until([&] { return world.all_sent(); }));
    CHECK(channel.calls() == 5);
    CHECK(channel.places().back().update_ts == "1.1");
    CHECK(channel.messages().back().headline.contains("Recovered"));
    CHECK(world.rows("select kind || ' ' || settled_by from delivery.delivery where state = 'discarded'") ==
          Texts{"update tollgate"});
}

TEST_CASE("a change of a first message that was said too long ago is not made") {
    BotWorld world;
    ScriptedChannel channel;
    channel.always({.kind = OutcomeKind::delivered, .channel = "C1", .ts = "1.1"});
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    channel.next({.kind = OutcomeKind::delivered, .channel = "C1", .ts = "1.2"});
    channel.next({.kind = OutcomeKind::retry, .reason = "trouble", .after = std::chrono::hours{1}});
    world.plan({paid("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 3 && world.in_state("waiting") == 1; }));
    world.change("update delivery.story set last_at = now() - interval '31 days'");
    world.change("update delivery.delivery set due_at = now() - interval '1 s' where state = 'waiting'");
    REQUIRE(wait_until([&] { return world.all_sent(); }));
    CHECK(channel.calls() == 3);
    CHECK_THAT(world.rows("select reason from delivery.delivery where state = 'discarded'").at(0),
               Catch::Contains("or is too old"));
}

TEST_CASE("a storm's card that comes late does not stand where its end was told") {
    BotWorld world;
    ScriptedChannel channel;
    std::vector<Handed> many;
    for (int i = 0; i < 10; ++i) many.push_back(failed(fmt::format("in_{}", i)));
    world.plan(many);
    world.change("update delivery.delivery set due_at = now() where key like '%/end'");
    RunningSender sender{world, channel};
    REQUIRE(wait_until([&] { return channel.calls() == 9 && world.in_state("sending") == 0; }));
    world.change("update delivery.delivery set due_at = now() where state = 'waiting'");
    REQUIRE(wait_until([&] { return world.all_sent(); }));
    CHECK(channel.calls() == 9);
    CHECK(world.rows("select kind from delivery.delivery where state = 'discarded'") == Texts{"storm"});
}

TEST_CASE("a storm's end tells how many were paid after all, and each fact is counted once") {
    BotWorld world;
    std::vector<Handed> many;
    for (int i = 0; i < 10; ++i) many.push_back(failed(fmt::format("in_{}", i)));
    // Another event of the last one.
    many.push_back({.event = many.back().event});
    world.plan(many);
    world.plan({paid("in_1"), paid("in_9")});
    world.change("update delivery.delivery set due_at = now() where key like '%/end'");
    ScriptedChannel channel;
    RunningSender sender{world, channel};
    const auto end = [&]() -> std::optional<Message> {
        for (const Message& each : channel.messages()) {
            if (each.headline.starts_with("Over: 10 payments failed")) return each;
        }
        return std::nullopt;
    };
    REQUIRE(wait_until([&] { return end().has_value(); }));
    const Message told = end().value();
    const auto row = std::ranges::find(told.facts, "Recovered since", &delivery::Row::label);
    REQUIRE(row != told.facts.end());
    CHECK(row->value.words() == "2");
}

TEST_CASE("a storm's card tells how many there are of a kind otherwise") {
    BotWorld world;
    std::vector<Handed> many;
    for (int i = 0; i < 9; ++i) many.push_back(failed(fmt::format("in_{}", i)));
    world.plan(many);
    world.change(
        "insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, "
        "state, due_at, "
        "settled_at, created_at) select d.tenant, gen_random_uuid(), d.destination, 'message', 'before/' || "
        "n, d.why, "
        "d.layout, 2, 'delivered', null, now(), now() - interval '1 day' from delivery.delivery d, "
        "generate_series(1, 5000) n where d.key like '%/end'");
    CHECK(world.rows("select usual::text from delivery.delivery d cross join lateral delivery.storm_figures("
                     "d.tenant, d.destination, d.layout, d.story_id) where d.key like '%/end'") ==
          Texts{"2"});
}

TEST_CASE("quiet hours that begin while a message waits hold it too, unless somebody must act") {
    BotWorld world{R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100})"};
    world.plan(
        {failed("in_1"), failed("in_2", "priority: PRIORITY_ACT_NOW"), failed("in_3"), failed("in_4")});
    world.rule(
        {.destination = "payments", .place = 1, .rule = {.name = "at any time", .hold_in_quiet = false}});
    world.plan({failed("in_5")});
    // In the hour since, its breaker was open, and the evening came.
    world.change("update delivery.delivery set created_at = created_at - interval '1 hour'");
    world.change("update delivery.delivery set created_at = now() where story_id = 'in_4'");
    world.change(
        "update delivery.delivery set attempts = 1, first_tried_at = now() - interval '1 hour', "
        "stood_still_before = '0' where story_id = 'in_3'");
    must(world.as_operator([&](postgres::Transaction& tx) {
        return tenants::set_destination(tx, admin(), "acme", "payments",
                                        R"({"quiet_hours": {"from": "00:00", "until": "00:00"}})", "");
    }));
    ScriptedChannel channel;
    RunningSender sender{world, channel};
    REQUIRE(wait_until([&] {
        return world.in_state("delivered") == 3 &&
               world.rows("select 1::text from delivery.delivery where held_until is not null").size() == 2;
    }));
    CHECK(world.rows("select story_id from delivery.delivery where held_until > now() and due_at = "
                     "held_until and held_back order by 1") == Texts{"in_1", "in_3"});
    // As long as it is held its age stands still.
    CHECK(world.rows(
              "select (stood_still_before < '0')::text from delivery.delivery where story_id = 'in_3'") ==
          Texts{"true"});
    // These hours have no end: nobody is told of more than a day late for their sake.
    world.change("update delivery.delivery set due_at = now() - interval '1 s' where state = 'waiting'");
    CHECK(wait_until([&] { return world.in_state("delivered") == 5; }));
}

TEST_CASE("a digest waits for the end of quiet hours, and two of them for one end are one after the other") {
    BotWorld world{always_quiet};
    world.rule({.destination = "payments", .place = 1, .rule = {.name = "once a day", .way = Way::digest}});
    world.plan({failed("in_1")});
    CHECK(
        world.rows("select to_char(due_at at time zone 'Europe/Vienna', 'HH24:MI') from delivery.delivery") ==
        Texts{"00:00"});
    world.change("update delivery.delivery set state = 'delivered', due_at = null, settled_at = now()");
    world.plan({failed("in_2")});
    CHECK(world.rows("select kind from delivery.delivery where state = 'waiting'") == Texts{"digest"});
}

TEST_CASE("a digest counts each fact of many, and has but the first of them at hand") {
    BotWorld world;
    world.rule({.destination = "payments", .place = 1, .rule = {.name = "once a day", .way = Way::digest}});
    world.plan({paid("in_1"), paid("in_2")});
    Handed sibling = paid("in_2");
    world.plan({sibling});
    world.change(
        "insert into delivery.event (tenant, event_id, fact, at, value) select distinct on (n) tenant, "
        "md5('e' || n)::uuid, md5('e' || n)::uuid, at, value from delivery.event, generate_series(1, 1200) "
        "n");
    world.change(
        "insert into delivery.delivery_event (tenant, destination, event_id, delivery, fact) select "
        "d.tenant, "
        "d.destination, md5('e' || n)::uuid, d.delivery, md5('e' || n)::uuid from delivery.delivery d, "
        "generate_series(1, 1200) n");
    world.change("update delivery.delivery set due_at = now()");
    const auto claimed = must(
        world.as_delivery([](postgres::Transaction& tx) { return claim(tx, make_uuid_v4(), {.most = 1}); }));
    REQUIRE(claimed.size() == 1);
    CHECK(claimed.front().told.size() == 1);
    CHECK(claimed.front().facts == 1202);
    REQUIRE(claimed.front().digest.told().kinds.size() == 1);
    CHECK(claimed.front().digest.told().kinds.front().count == 1202);
}

TEST_CASE("quiet hours last until it is quiet no more, whatever the clocks do") {
    BotWorld world;
    const auto until = [&](const std::string& at, const std::string& quiet) {
        return world
            .rows(fmt::format(
                "select to_char(delivery.quiet_until('{}', 'Europe/Vienna', '{}') at time zone 'UTC', "
                "'MM-DD HH24:MI')",
                quiet, at))
            .front();
    };
    const std::string weekend = R"({"from": "00:00", "until": "00:00", "weekdays": ["sat", "sun"]})";
    CHECK(until("2026-11-21 12:00+01", weekend) == "11-22 23:00");
    CHECK(until("2026-11-22 12:00+01", weekend) == "11-22 23:00");
    CHECK(until("2026-11-20 12:00+01", weekend) == "-");
    // For ever: there is a bundle each day.
    CHECK(until("2026-11-21 12:00+01", R"({"from": "00:00", "until": "00:00"})") == "11-21 23:00");
    // In the night of 28 March 2027 there is no 02:30: at 02:00 it is 03:00.
    CHECK(until("2027-03-28 00:00+01", R"({"from": "22:00", "until": "02:30"})") == "03-28 01:00");
    CHECK(until("2027-03-28 03:10+02", R"({"from": "22:00", "until": "02:30"})") == "-");
    CHECK(until("2027-03-28 03:10+02", R"({"from": "02:30", "until": "04:00"})") == "03-28 02:00");
    CHECK(until("2027-03-28 01:59+01", R"({"from": "02:30", "until": "04:00"})") == "-");
}

TEST_CASE(
    "of what is old as much goes at a time as is said, and more is asked for as long as there is some") {
    QuickWorld world;
    for (int i = 0; i < 5; ++i) world.plan({failed(fmt::format("in_{}", i))});
    world.change(
        "update delivery.delivery set state = 'delivered', due_at = null, settled_at = now() - interval '41 "
        "days'");
    world.change("update delivery.event set planned_at = now() - interval '41 days'");
    world.change("update delivery.fact_name set at = now() - interval '41 days'");
    const auto forgotten = [&] {
        return must(world.as_delivery([](postgres::Transaction& tx) { return forget(tx, 2); }));
    };
    CHECK_FALSE(forgotten());
    CHECK(world.rows("select count(*)::text from delivery.delivery") == Texts{"3"});
    int steps = 1;
    while (!forgotten()) ++steps;
    CHECK(steps < 6);
    CHECK(
        world.rows(
            "select (select count(*) from delivery.delivery) || ' ' || (select count(*) from delivery.event) "
            "|| ' ' || (select count(*) from delivery.fact_name)") == Texts{"0 0 0"});
}
