// Threads, quiet hours, digests and storms: many events, few messages.
#include <catch2/catch.hpp>

#include "integration/delivery/deliveries.hpp"
#include "integration/delivery/scripted_channel.hpp"
#include "integration/tenants/fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace tollgate::test;
using Catch::Contains;
using Texts = std::vector<std::string>;

namespace {

constexpr const char* const of_bot =
    R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100, "channel": "C1"})";
constexpr const char* const of_webhook =
    R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100})";
// A clock that is always in quiet hours, and one that never is: from equal to until is the whole day.
constexpr const char* const always_quiet =
    R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100, "quiet_hours": {"from": "00:00", "until": "00:00"}})";

Handed failed(const std::string& invoice, int attempt = 1) {
    return {payment_event(
        fmt::format("fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK attempt: {} "
                    "references {{ invoice_id: \"{}\" subscription_id: \"sub_{}\" }} "
                    "amount {{ minor: 900 currency: \"USD\" }}",
                    attempt, invoice, invoice))};
}

Handed paid(const std::string& invoice) {
    return {
        payment_event(fmt::format("fact: FACT_INVOICE_PAID attempt: 2 references {{ invoice_id: \"{}\" "
                                  "subscription_id: \"sub_{}\" }} amount {{ minor: 900 currency: \"USD\" }}",
                                  invoice, invoice))};
}

struct World : Deliveries {
    explicit World(const std::string& settings) {
        destination("payments", settings);
        tell_everything("payments");
    }
    bool all_sent() { return in_state("waiting") == 0 && in_state("sending") == 0; }
    void set(const std::string& settings) {
        must(as_operator([&](postgres::Transaction& tx) {
            return tenants::set_destination(tx, admin(), "acme", "payments", settings, "");
        }));
    }
    void make_due() {
        change("update delivery.delivery set due_at = now() - interval '1 s' where state = 'waiting'");
    }
};

Outcome posted(const std::string& ts) {
    return {.kind = OutcomeKind::delivered, .channel = "C1", .ts = ts};
}

}  // namespace

TEST_CASE("what belongs together is one thread, whose first message says how it stands") {
    World world{of_bot};
    ScriptedChannel channel;
    channel.always(posted("1.1"));
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    channel.always(posted("1.2"));
    world.plan({paid("in_1"), failed("in_2")});
    // A reply, an update of the first message, and another story's first message.
    REQUIRE(wait_until([&] { return channel.calls() == 4 && world.all_sent(); }));
    Texts places;
    for (const SlackPlace& place : channel.places())
        places.push_back(place.thread_ts + "/" + place.update_ts + (place.also_in_channel ? "/channel" : ""));
    std::ranges::sort(places);
    CHECK(places == Texts{"/", "/", "/1.1", "1.1//channel"});
    const auto messages = channel.messages();
    const auto update = std::ranges::find_if(messages, [](const Message& each) {
        return !each.marks.empty() && each.marks.front().starts_with("Began with: Payment failed");
    });
    REQUIRE(update != messages.end());
    CHECK_THAT(update->headline, Contains("Recovered"));
    CHECK(world.rows("select told || ' ' || ts from delivery.story where id = 'sub_in_1'") == Texts{"2 1.1"});
}

TEST_CASE("a thread that takes nothing more is left, and what cannot be changed stays as it is") {
    World world{of_bot};
    ScriptedChannel channel;
    channel.always(posted("1.1"));
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    SECTION("the reply goes to the top, and is what others reply to") {
        channel.next({.kind = OutcomeKind::retry_top_level, .reason = "the thread is gone"});
        channel.next(posted("2.1"));
        world.plan({failed("in_1", 2)});
        REQUIRE(wait_until([&] { return channel.calls() == 3 && world.all_sent(); }));
        CHECK(channel.places().back().thread_ts.empty());
        CHECK(world.rows("select ts from delivery.story") == Texts{"2.1"});
    }
    SECTION("the update is not tried again") {
        channel.next(posted("1.2"));
        channel.next({.kind = OutcomeKind::reply_instead, .reason = "too old to change"});
        world.plan({failed("in_1", 2)});
        REQUIRE(wait_until([&] { return channel.calls() == 3 && world.all_sent(); }));
        world.plan({failed("in_1", 3)});
        REQUIRE(wait_until([&] { return channel.calls() == 4 && world.all_sent(); }));
        CHECK(channel.places().back().update_ts.empty());
    }
}

TEST_CASE("who is to act is called when a thread becomes urgent, and not again while it is") {
    World world{of_bot};
    world.set(R"({"user_group": "S1"})");
    ScriptedChannel channel;
    channel.always(posted("1.1"));
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    for (int attempt = 2; attempt <= 3; ++attempt) {
        Handed last = failed("in_1", attempt);
        last.event.set_priority(v1::PRIORITY_ACT_NOW);
        world.plan({last});
        // Each with a change of the first message.
        const auto calls = static_cast<std::size_t>(2 * attempt - 1);
        REQUIRE(wait_until([&] { return channel.calls() == calls && world.all_sent(); }));
    }
    Texts called;
    for (const SlackPlace& place : channel.places())
        called.push_back(place.thread_ts + "/" + place.update_ts + " " + place.user_group);
    CHECK(called == Texts{"/ ", "1.1/ S1", "/1.1 ", "1.1/ ", "/1.1 "});
}

TEST_CASE("who is to act is called by a webhook when a story becomes urgent, and not again while it is") {
    World world{of_webhook};
    world.set(R"({"user_group": "S1"})");
    ScriptedChannel channel;
    RunningSender sender{world, channel};
    Texts called;
    for (const auto priority : {v1::PRIORITY_TODAY, v1::PRIORITY_ACT_NOW, v1::PRIORITY_ACT_NOW}) {
        const std::size_t calls = channel.calls() + 1;
        Handed next = failed("in_1", static_cast<int>(calls));
        next.event.set_priority(priority);
        world.plan({next});
        REQUIRE(wait_until([&] { return channel.calls() == calls && world.all_sent(); }));
        called.push_back(channel.places().back().user_group);
    }
    CHECK(called == Texts{"", "S1", ""});
}

TEST_CASE("a destination with another channel begins its threads there, and changes nothing where it was") {
    World world{of_bot};
    ScriptedChannel channel;
    channel.always(posted("1.1"));
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    channel.next(posted("1.2"));
    channel.next({.kind = OutcomeKind::retry, .reason = "busy", .after = std::chrono::hours{1}});
    world.plan({failed("in_1", 2)});
    REQUIRE(wait_until([&] { return channel.calls() == 3 && world.in_state("waiting") == 1; }));
    world.set(R"({"channel": "C2"})");
    channel.always({.kind = OutcomeKind::delivered, .channel = "C2", .ts = "2.1"});
    world.make_due();
    REQUIRE(wait_until([&] { return world.all_sent(); }));
    CHECK_THAT(world.rows("select reason from delivery.delivery where state = 'discarded'").at(0),
               Contains("a channel that the destination has left"));
    world.plan({failed("in_1", 3)});
    REQUIRE(wait_until([&] { return channel.calls() == 4 && world.all_sent(); }));
    CHECK(channel.places().back().channel.empty());
    CHECK(channel.places().back().thread_ts.empty());
    CHECK(world.rows("select channel || ' ' || ts from delivery.story") == Texts{"C2 2.1"});
}

TEST_CASE("a webhook has no threads: the second message of a story says that it is the second") {
    World world{of_webhook};
    ScriptedChannel channel;
    RunningSender sender{world, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] { return channel.calls() == 1 && world.all_sent(); }));
    world.plan({failed("in_1", 2)});
    REQUIRE(wait_until([&] { return channel.calls() == 2 && world.all_sent(); }));
    CHECK(channel.places().back().thread_ts.empty());
    CHECK_THAT(channel.messages().back().footer.words(), Contains("message 2 of this story"));
}

TEST_CASE("in quiet hours what can wait is one bundle at their end, and what cannot goes at once") {
    World world{always_quiet};
    ScriptedChannel channel;
    RunningSender sender{world, channel};
    v1::PaymentEvent dispute = payment_event(
        "fact: FACT_DISPUTE_OPENED category: CATEGORY_MONEY_OUT references { dispute_id: \"dp_1\" }");
    world.plan({failed("in_1"), failed("in_2"), {dispute}});
    world.plan({paid("in_1")});
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
    CHECK_THAT(channel.messages().front().headline, Contains("Dispute"));
    CHECK(world.rows(
              "select kind || ' of ' || (select count(*) from delivery.delivery_event e where e.delivery = "
              "d.delivery) || ' ' || (due_at > now()) from delivery.delivery d where state = 'waiting'") ==
          Texts{"quiet of 3 true"});
    world.make_due();
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 2; }));
    // What failed and was paid in the night is one line, and no more than that is said of it.
    std::string lines;
    const Message bundle = channel.messages().back();
    for (const Section& section : bundle.sections) {
        for (const std::string& line : section.lines) lines += line + "\n";
    }
    CHECK_THAT(bundle.headline + lines, Contains("While it was quiet"));
    CHECK(channel.calls() == 2);
}

TEST_CASE("quiet hours and digests are reckoned in the tenant's zone, whatever its clocks do") {
    World world{of_webhook};
    const auto until = [&](const std::string& at, const std::string& weekdays) {
        return world
            .rows(fmt::format(
                "select to_char(delivery.quiet_until('{{\"from\": \"22:00\", \"until\": \"07:00\"{}}}', "
                "'Europe/Vienna', '{}') at time zone 'UTC', 'MM-DD HH24:MI')",
                weekdays, at))
            .front();
    };
    CHECK(until("2026-11-20 22:30+01", "") == "11-21 06:00");
    CHECK(until("2026-11-21 06:59+01", "") == "11-21 06:00");
    CHECK(until("2026-11-21 07:00+01", "") == "-");
    CHECK(until("2026-11-20 21:59+01", "") == "-");
    // The night in which the clocks go back: 07:00 is an hour later.
    CHECK(until("2026-10-24 23:00+02", "") == "10-25 06:00");
    // Those that begin on a Friday, also after midnight.
    CHECK(until("2026-11-21 01:00+01", R"(, "weekdays": ["fri"])") == "11-21 06:00");
    CHECK(until("2026-11-21 23:00+01", R"(, "weekdays": ["fri"])") == "-");
    const auto digest = [&](const std::string& at) {
        return world
            .rows(fmt::format(
                "select to_char(delivery.next_digest(9, 'Europe/Vienna', '{}') at time zone 'UTC', "
                "'MM-DD HH24:MI')",
                at))
            .front();
    };
    CHECK(digest("2026-11-20 08:59+01") == "11-20 08:00");
    CHECK(digest("2026-11-20 09:00+01") == "11-21 08:00");
}

TEST_CASE("what is for the digest is told once a day, and what comes while it is sent is in the next") {
    World world{of_webhook};
    world.rule({.destination = "payments", .place = 1, .rule = {.name = "once a day", .way = Way::digest}});
    ScriptedChannel channel;
    world.plan({failed("in_1"), failed("in_2")});
    world.plan({paid("in_3")});
    CHECK(world.rows("select count(*)::text from delivery.delivery") == Texts{"1"});
    RunningSender sender{world, channel};
    world.make_due();
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 1; }));
    world.plan({failed("in_4")});
    CHECK(world.rows("select kind || ' ' || state from delivery.delivery order by created_at") ==
          Texts{"digest delivered", "digest waiting"});
    CHECK(channel.calls() == 1);
}

TEST_CASE("many of a kind at once are one card, brought up to date and ended in words") {
    const bool is_bot = GENERATE(true, false);
    World world{is_bot ? of_bot : of_webhook};
    world.set(R"({"user_group": "S1"})");
    ScriptedChannel channel;
    channel.always(posted("7.7"));
    std::vector<Handed> many;
    for (int i = 0; i < 20; ++i) many.push_back(failed(fmt::format("in_{}", i)));
    v1::PaymentEvent dispute = payment_event(
        "fact: FACT_DISPUTE_OPENED category: CATEGORY_MONEY_OUT references { dispute_id: \"dp_1\" }");
    many.push_back({dispute});
    world.plan(many);
    CHECK(world.rows("select kind || ' ' || count(*) from delivery.delivery group by kind order by kind") ==
          Texts{"message 9", "storm 2"});
    RunningSender sender{world, channel};
    world.change("update delivery.delivery set due_at = now() where key like '%/0' and kind = 'storm'");
    REQUIRE(wait_until([&] { return world.in_state("delivered") == 10; }));
    world.plan({failed("in_20"), failed("in_21")});
    CHECK(world.rows(fmt::format("select (due_at - now() between '{}' and '{}')::text from delivery.delivery "
                                 "where key like '%/1' and kind = 'storm'",
                                 is_bot ? "1 s" : "9 min", is_bot ? "30 s" : "10 min")) == Texts{"true"});
    // Its end comes last.
    world.change(
        "update delivery.delivery set due_at = now() where state = 'waiting' and key not like '%/end'");
    REQUIRE(wait_until([&] { return channel.calls() == 11; }));
    world.make_due();
    REQUIRE(wait_until([&] { return world.all_sent() && channel.calls() == 12; }));
    Texts cards;
    for (const Message& each : channel.messages()) {
        if (each.headline.contains("payments failed"))
            cards.push_back(each.headline.substr(0, each.headline.find(" in ")));
    }
    // Of all of them, also of those that were told before it was a storm.
    CHECK(cards == Texts{"20 payments failed", "22 payments failed", "Over: 22 payments failed"});
    CHECK(channel.places().back().update_ts == (is_bot ? "7.7" : ""));
    // For the dispute, and for the storm once.
    CHECK(std::ranges::count(channel.places(), "S1", &SlackPlace::user_group) == 2);
    CHECK(world.rows("select count(*)::text from delivery.delivery_event") == Texts{"23"});
}
