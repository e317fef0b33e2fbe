// What one destination, or one message, does to the others.
#include <catch2/catch.hpp>

#include "delivery/settling.hpp"
#include "integration/delivery/quick_world.hpp"
#include "integration/delivery/scripted_channel.hpp"
#include "integration/tenants/fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

const Outcome trouble{.kind = OutcomeKind::retry, .reason = "Slack has trouble", .after = 0s};

// To the message of this invoice: others as the channel is told.
void fail_for(ScriptedChannel& channel, const std::string& words) {
    channel.answer_to = [words](const Message& message) -> std::optional<Outcome> {
        if (message.headline.contains(words)) return trouble;
        return std::nullopt;
    };
}

Handed of_customer(const std::string& name, const std::string& more = {}) {
    return failed("in_" + name, "customer { name: \"" + name + "\" } " + more);
}

}  // namespace

TEST_CASE("an answer that cannot be written keeps nobody else's outcome from being written") {
    QuickWorld world;
    world.add("second");
    ScriptedChannel channel;
    channel.next_for("payments",
                     {.kind = OutcomeKind::delivered, .channel = std::string{"C\0X", 3}, .ts = "1"});
    world.plan({failed("in_1")});
    RunningSender sender{world, channel};
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 2; }));
    CHECK(channel.calls() == 2);
    const auto reasons = world.rows("select coalesce(reason, 'none') from delivery.attempt order by reason");
    REQUIRE(reasons.size() == 2);
    CHECK(reasons[0].starts_with("the answer could not be kept: "));
    CHECK(reasons[1] == "none");
    CHECK(world.rows("select coalesce(posted_channel, '-') from delivery.delivery") == Texts{"-", "-"});
}

TEST_CASE("while outcomes cannot be written the sender tries again in peace, and lapsed attempts are seen") {
    QuickWorld world;
    world.plan({failed("in_1")});
    world.change("create sequence public.tries");
    world.change("grant usage on sequence public.tries to public");
    world.change(
        "create function public.refuse() returns trigger language plpgsql as $$ begin "
        "perform nextval('public.tries'); raise insufficient_privilege; end $$");
    world.change(
        "create trigger refuse before update on delivery.attempt for each row when (new.outcome = "
        "'delivered') execute function public.refuse()");
    auto settings = sender_settings(world);
    settings.lease = 300ms;
    settings.call_timeout = 50ms;
    ScriptedChannel channel;
    const auto began = std::chrono::steady_clock::now();
    RunningSender sender{settings, channel};
    const auto tries = [&] {
        return world.rows("select case when is_called then last_value else 0 end::text from public.tries")
            .front();
    };
    REQUIRE(wait_until([&] { return std::stoi(tries()) >= 3; }));
    CHECK(std::chrono::steady_clock::now() - began >= 900ms);
    REQUIRE(
        wait_until([&] { return world.rows("select outcome from delivery.attempt") == Texts{"unknown"}; }));
    world.change("drop trigger refuse on delivery.attempt");
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
}

TEST_CASE("a message that always fails holds up no other of its destination") {
    QuickWorld world;
    ScriptedChannel channel;
    fail_for(channel, "Unlucky");
    world.plan({of_customer("Unlucky", "priority: PRIORITY_ACT_NOW")});
    RunningSender sender{world, channel};
    REQUIRE(wait_until(
        [&] { return world.rows("select (open_until > now())::text from delivery.lane") == Texts{"true"}; }));
    SECTION("that comes while the breaker is open for its sake alone") {
        world.plan({of_customer("First"), of_customer("Second"), of_customer("Third")});
        REQUIRE(wait_until([&] { return world.in_state("delivered") == 3; }));
    }
    SECTION("that failed once itself: the breaker is closed by what failed less often") {
        world.change("update delivery.lane set failing = null");
        world.plan({of_customer("First")});
        const auto calls = channel.calls();
        world.make_due();
        world.end_pauses();
        REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
        CHECK(channel.messages().at(calls).headline.contains("First"));
    }
    CHECK(world.in_state("dead") == 0);
}

TEST_CASE("what fails again and again while others of its destination go is given up") {
    QuickWorld world;
    ScriptedChannel channel;
    fail_for(channel, "Unlucky");
    world.plan({of_customer("Unlucky")});
    RunningSender sender{world, channel};
    REQUIRE(wait_until(
        [&] { return world.rows("select (open_until > now())::text from delivery.lane") == Texts{"true"}; }));
    world.change("update delivery.delivery set attempts = 49");
    SECTION("not if nothing shows that it is not the destination") {
        world.end_pauses();
        REQUIRE(wait_until([&] { return channel.calls() == 6 && world.in_state("waiting") == 1; }));
    }
    SECTION("once another one went") {
        world.plan({of_customer("First")});
        REQUIRE(wait_until([&] { return world.in_state("dead") == 1; }));
        CHECK(world.rows("select reason from delivery.delivery where state = 'dead'")
                  .front()
                  .starts_with("Slack has trouble (given up after 50 attempts"));
    }
}

TEST_CASE("what fails alone is given up in the end, although nothing shows whether its destination works") {
    QuickWorld world;
    ScriptedChannel channel;
    fail_for(channel, "Unlucky");
    world.plan({of_customer("Unlucky")});
    const auto as_if_for = [&](const std::string& hours) {
        world.change(fmt::format(
            "update delivery.delivery set first_tried_at = first_tried_at - interval '{}'", hours));
        world.change(
            fmt::format("update delivery.lane set still_since = still_since - interval '{}'", hours));
    };
    RunningSender sender{world, channel};
    REQUIRE(wait_until(
        [&] { return world.rows("select (open_until > now())::text from delivery.lane") == Texts{"true"}; }));
    SECTION("not in an outage of hours") {
        as_if_for("23 hours");
        world.end_pauses();
        REQUIRE(wait_until([&] { return channel.calls() == 6 && world.in_state("waiting") == 1; }));
    }
    SECTION("after a day") {
        as_if_for("25 hours");
        world.end_pauses();
        REQUIRE(wait_until([&] { return world.in_state("dead") == 1; }));
        CHECK(world.rows("select reason from delivery.delivery")
                  .front()
                  .starts_with("Slack has trouble (given up after 6 attempts in 1 day 01:00:"));
        CHECK(world.rows("select headers ->> 'stage' from journal.entry where topic = 'delivery.dlq'") ==
              Texts{"send"});
    }
    SECTION("not as long as others fail too") {
        world.change("update delivery.lane set failing = null");
        as_if_for("25 hours");
        world.end_pauses();
        REQUIRE(wait_until([&] { return channel.calls() == 6 && world.in_state("waiting") == 1; }));
    }
    SECTION("once another one went, by all the time that it has failed") {
        as_if_for("7 hours");
        world.plan({of_customer("First")});
        REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
        world.make_due();
        REQUIRE(wait_until([&] { return world.in_state("dead") == 1; }));
    }
}

TEST_CASE("what its destination never takes because it is one too many is given up by its age") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.always(
        {.kind = OutcomeKind::retry, .reason = "too fast", .after = 600s, .pauses_destination = true});
    world.plan({failed("in_1")});
    RunningSender sender{world, channel};
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.in_state("waiting") == 1; }));
    world.change("update delivery.delivery set first_tried_at = first_tried_at - interval '7 hours'");
    world.end_pauses();
    REQUIRE(wait_until([&] { return world.in_state("dead") == 1; }));
    CHECK(
        world.rows("select reason from delivery.delivery").front().starts_with("too fast (given up after 2"));
}

TEST_CASE("a change of a message of which nobody knows whether it arrived is not made for ever") {
    Deliveries world;
    world.destination("payments", R"({"messages_per_second": 100, "burst": 100, "channel": "C1"})");
    world.tell_everything("payments");
    ScriptedChannel channel;
    channel.always({.kind = OutcomeKind::unknown, .reason = "no answer"});
    world.plan({failed("in_1")});
    world.change("update delivery.delivery set kind = 'update', attempts = 48, due_at = now()");
    world.change(
        "insert into delivery.story (tenant, destination, kind, id, told, last_at, began, priority, version, "
        "channel, ts) select tenant, destination, story_kind, story_id, 1, now(), 'Failed', 2, 0, 'C1', "
        "'1.1' from delivery.delivery");
    RunningSender sender{world, channel};
    REQUIRE(wait_until([&] { return world.in_state("unknown") == 1; }));
    CHECK(channel.calls() == 2);
}

TEST_CASE("destinations that answer slowly leave some of the calls to the others") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.hold();
    for (int i = 0; i < 5; ++i) world.plan({failed(fmt::format("in_{}", i))});
    world.change("update delivery.lane set is_slow = true");
    auto settings = sender_settings(world);
    settings.window = 4;
    RunningSender sender{settings, channel};
    REQUIRE(wait_until([&] { return channel.calls() == 3; }));
    world.add("second");
    world.plan({failed("in_6")});
    REQUIRE(wait_until([&] { return channel.calls_for("second") == 1; }));
    CHECK(channel.calls_for("payments") == 3);
    for (int i = 0; i < 7; ++i) channel.answer_oldest({.kind = OutcomeKind::delivered});
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 7; }));
}

TEST_CASE("whether a destination answers slowly is seen by its last answer") {
    QuickWorld world;
    ScriptedChannel channel;
    RunningSender sender{world, channel};
    for (const char* const ago : {"3 s", "-1 hour"}) {
        channel.before_answer = [&] {
            world.change(fmt::format("update delivery.attempt set started_at = now() - interval '{}'", ago));
        };
        world.plan({failed(std::string{"in_"} + ago)});
        REQUIRE(wait_until([&] { return world.in_state("waiting") + world.in_state("sending") == 0; }));
        CHECK(world.rows("select is_slow::text from delivery.lane") ==
              Texts{std::string{ago} == "3 s" ? "true" : "false"});
    }
}

TEST_CASE(
    "how long the oldest message waits is told whatever its destination does, and its breaker's changes "
    "too") {
    QuickWorld world;
    world.plan({failed("in_1")});
    world.change("update delivery.delivery set created_at = now() - interval '1 hour'");
    const auto oldest = [&] {
        return must(world.as_delivery([](postgres::Transaction& tx) { return read_standing(tx); }))
            .oldest_waiting;
    };
    CHECK(oldest() >= 1h);
    world.change("update delivery.lane set open_until = now() + interval '1 hour'");
    CHECK(oldest() >= 1h);
    world.change("update delivery.delivery set due_at = now() + interval '1 hour', attempts = 1");
    CHECK(oldest() >= 1h);
    world.change("update delivery.delivery set held_until = now() + interval '1 hour'");
    CHECK(oldest() == 0s);
    world.change("update delivery.delivery set held_until = null, kind = 'digest'");
    CHECK(oldest() == 0s);
}

TEST_CASE("the delay before a retry grows no further than its limit") {
    QuickWorld world;
    world.plan({failed("in_1")});
    world.change("update delivery.delivery set attempts = 30");
    ScriptedChannel channel;
    channel.always({.kind = OutcomeKind::retry, .reason = "later"});
    auto settings = sender_settings(world);
    settings.retries.backoff = {.base = 1h, .cap = 2s};
    RunningSender sender{settings, channel};
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.in_state("waiting") == 1; }));
    CHECK(world.rows("select (due_at <= now() + interval '2 s')::text from delivery.delivery") ==
          Texts{"true"});
}
