// The sender with a channel of the test's: what it calls, and what it makes of the answers.
#include "delivery/sender.hpp"

#include <catch2/catch.hpp>

#include "integration/delivery/quick_world.hpp"
#include "integration/delivery/scripted_channel.hpp"
#include "integration/tenants/fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

TEST_CASE("what is planned is sent, once, and the attempt is on record before the call") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.before_answer = [&] { CHECK(world.rows(attempts) == Texts{"under way"}); };
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
    CHECK(channel.calls() == 1);
    CHECK(world.rows(attempts) == Texts{"delivered"});
    CHECK(world.rows("select headline from delivery.delivery").front().contains("Acme Corp"));
    CHECK(wait_until([&] { return sender.metrics().contains("tollgate_delivery_age_seconds_count 1\n"); }));
    CHECK(sender.metrics().contains("tollgate_delivery_age_seconds_bucket{le=\"60\"} 1\n"));
}

TEST_CASE("how long an event's message took is told of those that were to be sent at once") {
    QuickWorld world;
    ScriptedChannel channel;
    const Handed old{.event = failed("in_1").event, .id = first_uuid_v7_at(SystemClock{}.now() - 2min)};
    const std::vector<Handed> events{old, failed("in_2"), failed("in_3")};
    world.plan(events);
    world.change(
        "update delivery.delivery d set replayed = true from delivery.delivery_event e "
        "where e.delivery = d.delivery and e.event_id = '" +
        events[1].id.text() + "'");
    world.change(
        "update delivery.delivery d set kind = 'quiet' from delivery.delivery_event e "
        "where e.delivery = d.delivery and e.event_id = '" +
        events[2].id.text() + "'");
    RunningSender sender{world, channel};
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 3; }));
    CHECK(wait_until([&] { return sender.metrics().contains("outcome=\"delivered\"} 3\n"); }));
    CHECK(sender.metrics().contains("tollgate_delivery_age_seconds_count 1\n"));
    CHECK(sender.metrics().contains("tollgate_delivery_age_seconds_bucket{le=\"60\"} 0\n"));
    CHECK(sender.metrics().contains("tollgate_delivery_age_seconds_bucket{le=\"300\"} 1\n"));
}

TEST_CASE("what waits for a destination that takes nothing is not late for our sake") {
    QuickWorld world;
    world.plan({failed("in_1")});
    world.change("update delivery.delivery set due_at = now() - interval '1 hour'");
    const auto oldest = [&] {
        return must(world.as_delivery([](postgres::Transaction& tx) { return read_standing(tx); }))
            .oldest_due;
    };
    CHECK(oldest() >= 1h);
    for (const char* const stopped :
         {"paused_until = now() + interval '1 hour'", "open_until = now() + interval '1 hour'",
          "broken_at = now(), broken_reason = 'revoked'"}) {
        INFO(stopped);
        world.change(std::string{"update delivery.lane set "} + stopped);
        CHECK(oldest() == 0s);
        world.change(
            "update delivery.lane set paused_until = null, open_until = null, broken_at = null, "
            "broken_reason = null");
        CHECK(oldest() >= 1h);
    }
}

TEST_CASE(
    "what fails for now comes again, what nobody will take is dead with its reason and in the journal") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.next(
        {.kind = OutcomeKind::retry, .reason = "Slack has trouble", .after = std::chrono::seconds{0}});
    channel.next({.kind = OutcomeKind::retry_as_text, .reason = "blocks refused"});
    channel.next({.kind = OutcomeKind::dead, .reason = "the payload is invalid"});
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return world.in_state("dead") == 1; }));
    CHECK(world.rows(stands) == Texts{"dead: the payload is invalid"});
    CHECK(world.rows(attempts) == Texts{"retry", "retry_as_text", "dead"});
    CHECK(channel.last_form() == SlackForm::text_only);
    CHECK(world.rows("select topic || ' ' || (headers::jsonb ->> 'stage') || ' ' || (headers::jsonb ->> "
                     "'tollgate_reason') from journal.entry") ==
          Texts{"delivery.dlq send the payload is invalid"});
}

TEST_CASE("a retry is given up by its age, and the age stands still while the destination takes nothing") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.always(
        {.kind = OutcomeKind::retry, .reason = "Slack has trouble", .after = std::chrono::seconds{0}});
    {
        RunningSender sender{world, channel};
        world.plan({failed("in_1")});
        REQUIRE(wait_until([&] { return channel.calls() >= 5; }));
        // The breaker is open by then: nothing is called, and nothing is lost.
        REQUIRE(wait_until([&] {
            return world.rows("select (open_until > now())::text from delivery.lane") == Texts{"true"};
        }));
        CHECK(world.in_state("waiting") == 1);
    }
    const auto calls = channel.calls();
    world.change("update delivery.delivery set first_tried_at = first_tried_at - interval '7 hours'");
    SECTION("all of it was an outage") {
        world.change(
            "update delivery.lane set still_since = still_since - interval '7 hours', "
            "open_until = now() - interval '1 s'");
        RunningSender sender{world, channel};
        world.make_due();
        // Half open: one probe, and open again for longer.
        REQUIRE(wait_until([&] { return channel.calls() == calls + 1; }));
        REQUIRE(
            wait_until([&] { return world.rows("select opened::text from delivery.lane") == Texts{"2"}; }));
        CHECK(world.in_state("waiting") == 1);
        channel.always({.kind = OutcomeKind::delivered});
        world.end_pauses();
        REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
        CHECK(
            world.rows("select failures || ' ' || coalesce(open_until::text, 'closed') from delivery.lane") ==
            Texts{"0 closed"});
    }
    SECTION("it went all the time, and this one did not") {
        world.change("update delivery.lane set still_since = null, failures = 0, open_until = null");
        RunningSender sender{world, channel};
        world.make_due();
        REQUIRE(wait_until([&] { return world.in_state("dead") == 1; }));
        CHECK_THAT(world.rows(stands).front(), Catch::Contains("Slack has trouble (given up after"));
    }
}

TEST_CASE("a destination that says to wait is left alone by all that is for it, and others go on") {
    QuickWorld world;
    world.destination("second", quick);
    world.tell_everything("second");
    ScriptedChannel channel;
    channel.next_for("payments", {.kind = OutcomeKind::retry,
                                  .reason = "too fast",
                                  .after = std::chrono::seconds{600},
                                  .pauses_destination = true});
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] {
        return world.rows(
                   "select (paused_until > now())::text from delivery.lane l join tenants.destination using "
                   "(destination) where slug = 'payments'") == Texts{"true"};
    }));
    world.plan({failed("in_2"), failed("in_3")});
    REQUIRE(wait_until([&] { return channel.calls_for("second") == 3; }));
    CHECK(channel.calls_for("payments") == 1);
    world.end_pauses();
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 6; }));
}

TEST_CASE("a destination that is broken keeps its messages until it has another secret") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.always({.kind = OutcomeKind::confirm,
                    .reason = "the webhook was removed in Slack: reconnect",
                    .after = std::chrono::seconds{300},
                    .code = "no_service"});
    RunningSender sender{world, channel};
    world.plan({failed("in_1"), failed("in_2")});
    REQUIRE(wait_until([&] {
        return world.rows("select 1::text from delivery.lane where paused_until > now()").size() == 1;
    }));
    // Once may be an accident: it is asked once more, later.
    CHECK(world.rows("select coalesce(broken_reason, 'well') from delivery.lane") == Texts{"well"});
    world.change("update delivery.lane set confirm_from = now() - interval '1 s', paused_until = null");
    REQUIRE(wait_until([&] {
        return world.rows("select broken_reason from delivery.lane where broken_at is not null").size() == 1;
    }));
    CHECK(world.rows("select broken_reason from delivery.lane") ==
          Texts{"the webhook was removed in Slack: reconnect"});
    REQUIRE(wait_until([&] { return world.in_state("waiting") == 2; }));
    const auto calls = channel.calls();
    channel.always({.kind = OutcomeKind::delivered});
    world.plan({failed("in_3")});
    must(world.as_operator([&](postgres::Transaction& tx) {
        return tenants::reconnect_destination(
            tx, admin(), keyring(), "acme", "payments",
            must(tenants::check_secret(
                tenants::DestinationKind::slack_webhook, Secret{"https://hooks.slack.com/services/T1/B1/new"},
                [](const std::string&) -> Result<std::string> { return "hooks.slack.com"; })));
    }));
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 3; }));
    CHECK(channel.calls() == calls + 3);
}

TEST_CASE("of a call whose outcome nobody knows there is one more, marked, and then a person decides") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.always({.kind = OutcomeKind::unknown, .reason = "the line was cut"});
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return world.in_state("unknown") == 1; }));
    CHECK(world.rows(attempts) == Texts{"unknown", "unknown"});
    CHECK(channel.marks() == Texts{"", "May be a repeat: whether the first one arrived is not known."});
}

TEST_CASE("a destination's pace is kept, whoever sends") {
    Deliveries world;
    world.destination("slow", R"({"sibling_wait_ms": 0, "messages_per_second": 0.01, "burst": 2})");
    world.tell_everything("slow");
    ScriptedChannel channel;
    RunningSender first{world, channel};
    RunningSender second{world, channel};
    world.plan({failed("in_1"), failed("in_2"), failed("in_3"), failed("in_4")});
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 2; }));
    world.change("update delivery.lane set filled_at = filled_at - interval '100 s'");
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 3; }));
    CHECK(channel.calls() == 3);
}

TEST_CASE("a sender that was stopped beyond its lease calls nobody, and what others know by then stays") {
    QuickWorld world;
    ScriptedChannel channel;
    channel.hold();
    auto settings = sender_settings(world);
    settings.lease = std::chrono::milliseconds{300};
    settings.call_timeout = std::chrono::milliseconds{50};
    RunningSender sender{settings, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1; }));
    // The call takes longer than the lease: unknown, and once more.
    REQUIRE(wait_until([&] { return channel.calls() == 2; }));
    CHECK(world.rows(attempts) == Texts{"unknown", "under way"});
    // The first one has arrived, after all; the second is not over yet.
    channel.answer_oldest({.kind = OutcomeKind::delivered});
    REQUIRE(wait_until([&] { return world.rows(attempts).front() == "delivered"; }));
    channel.answer_oldest({.kind = OutcomeKind::retry, .reason = "later"});
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
    CHECK(channel.calls() == 2);
}

TEST_CASE("what was said long ago is forgotten, and what somebody has to look at is not") {
    QuickWorld world;
    world.plan({failed("in_1"), failed("in_2"), failed("in_3")});
    world.change(
        "update delivery.delivery set state = 'delivered', due_at = null, "
        "settled_at = now() - interval '41 days' where story_id = 'in_1'");
    world.change(
        "update delivery.delivery set state = 'dead', reason = 'x', due_at = null, "
        "settled_at = now() - interval '41 days' where story_id = 'in_2'");
    world.change("update delivery.event set planned_at = now() - interval '41 days'");
    world.change("update delivery.fact_name set at = now() - interval '41 days'");
    must(world.as_delivery([](postgres::Transaction& tx) { return forget(tx); }));
    CHECK(world.rows("select state from delivery.delivery order by 1") == Texts{"dead", "waiting"});
    CHECK(world.rows("select count(*)::text from delivery.event") == Texts{"2"});
    CHECK(world.rows("select name from delivery.fact_name order by 1") ==
          Texts{"failed/invoice/in_2", "failed/invoice/in_3"});
}
