#include <algorithm>

#include <catch2/catch.hpp>

#include "delivery/compose.hpp"
#include "delivery/gathered.hpp"
#include "delivery/listed_events.hpp"
#include "delivery/slack.hpp"
#include "delivery/slack_limits.hpp"
#include "delivery/story.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate::delivery;
using tollgate::test::circumstances;
using tollgate::test::event_of;
using tollgate::test::example;
using tollgate::v1::PaymentEvent;

namespace {

const auto neutral = circumstances(Tone::neutral);

std::vector<PaymentEvent> several(std::size_t count, std::string_view name) {
    return std::vector<PaymentEvent>(count, example(name));
}

StoryState at_risk() {
    const auto event = example("payment_failed");
    return {.began = headline_of(event, neutral),
            .priority = priority_of(event),
            .happened = happened_at(event),
            .version = 5};
}

PaymentEvent later(PaymentEvent event, std::int64_t seconds) {
    event.mutable_provider_time()->set_seconds(event.provider_time().seconds() + seconds);
    return event;
}

std::string fact(const Message& message, std::string_view label) {
    const auto row = std::ranges::find(message.facts, label, &Row::label);
    return row == message.facts.end() ? "" : row->value.words();
}

}  // namespace

TEST_CASE("a storm's card counts all of its events and sums each currency by itself") {
    auto events = several(3, "payment_failed");
    events[1].mutable_amount()->set_currency("EUR");
    const Message card = compose_storm({.events = events}, neutral);
    CHECK(card.headline == "3 payments failed");
    CHECK(fact(card, "Amount") == "$2,376 and €1,188");
    CHECK(fact(card, "Customers") == "1");
    CHECK(card.meaning.words() == "All for the same reason: insufficient funds.");
    CHECK(card.priority == tollgate::v1::PRIORITY_ACT_NOW);
    CHECK(compose_storm({.events = several(1, "payment_failed")}, neutral).headline == "1 payment failed");
}

TEST_CASE("a storm's card tells the totals of all events when only the largest are at hand") {
    StormTotals totals{.count = 1'430, .customers = 900, .top_reason = "<b>", .with_top_reason = 1'001};
    totals.amounts.add(example("payment_failed").amount());
    const Message card =
        compose_storm({.events = several(5, "payment_failed"), .totals = totals, .usual = 4}, neutral);
    CHECK(card.headline == "1,430 payments failed (usually 4)");
    CHECK(fact(card, "Amount") == "$1,188");
    CHECK(fact(card, "Customers") == "900");
    CHECK(card.meaning.words() == "70 % for the same reason: <b>.");
    CHECK(card.sections.front().lines.front() == "Acme Corp, $1,188.00");
}

TEST_CASE("a reason that fewer than half have is not given for all") {
    auto events = several(4, "payment_failed");
    for (std::size_t i = 0; i < events.size(); ++i)
        events[i].set_failure_reason("reason " + std::to_string(i));
    CHECK(compose_storm({.events = events}, neutral).meaning.empty());
    events[0].set_failure_reason("reason 1");
    CHECK(compose_storm({.events = events}, neutral).meaning.words() ==
          "50 % for the same reason: reason 1.");
}

TEST_CASE("a storm of good news alarms nobody") {
    const Message card = compose_storm({.events = several(9, "payment")}, neutral);
    CHECK(card.priority == tollgate::v1::PRIORITY_INFORMATION);
    CHECK(card.advice.empty());
}

TEST_CASE("a digest tells what is at stake where no amount is") {
    const auto lines =
        compose_digest({.title = "", .events = several(2, "trial_ending")}, neutral).sections.back().lines;
    CHECK(lines == std::vector<std::string>{"2 trials ending: $198 MRR"});
}

TEST_CASE("a digest says of which events nobody tells how much it was") {
    const auto line_of = [](const std::vector<tollgate::v1::PaymentEvent>& events) {
        const auto lines = compose_digest({.title = "", .events = events}, neutral).sections.back().lines;
        return lines.size() == 1 ? lines.front() : "several lines";
    };
    auto payments = several(3, "payment");
    CHECK(line_of(payments) == "3 payments: €126");
    payments[0].clear_amount();
    CHECK(line_of(payments) == "3 payments: €84, and 1 that does not say how much");
    payments[1].clear_amount();
    CHECK(line_of(payments) == "3 payments: €42, and 2 that do not say how much");
    payments[2].clear_amount();
    CHECK(line_of(payments) == "3 payments: amounts not told");
    // What moves none has none to tell.
    CHECK(line_of(several(2, "subscription_paused")).find("not") == std::string::npos);
}

TEST_CASE("a digest counts what happened, also where it happened to one subscription again") {
    std::vector<PaymentEvent> events;
    for (const std::string_view name : {"payment_failed", "payment_recovered", "subscription_renewed"})
        events.push_back(example(name));
    const Message digest = compose_digest({.title = "", .events = events}, neutral);
    CHECK(digest.headline == "3 events");
    CHECK(digest.sections.back().lines.size() == 3);
    DigestSum sum;
    for (int i = 0; i < 10'000; ++i) sum.add(events.front());
    CHECK(sum.told().pressing.size() < 100);
    const Message large = compose_digest("", sum, neutral);
    CHECK(large.sections.back().lines == std::vector<std::string>{"10,000 payments failed: $11,880,000"});
    CHECK(large.sections.front().lines.back() == "and 9,995 more");
}

TEST_CASE("a bundle of a few events says who they are of, and leads to them") {
    std::vector<PaymentEvent> events{example("refund"), example("payment_recovered")};
    const Message bundle = compose_bundle({.title = "While it was quiet", .events = events}, neutral);
    CHECK(bundle.headline == "While it was quiet: 2 events");
    REQUIRE(bundle.sections.size() == 1);
    CHECK(bundle.sections.front().lines ==
          std::vector<std::string>{headline_of(events[1], neutral), headline_of(events[0], neutral)});
    REQUIRE_FALSE(bundle.buttons.empty());
    CHECK(bundle.buttons.back().label.ends_with(": Acme Corp"));
    events.assign(20, example("refund"));
    const Message large = compose_bundle({.title = "", .events = events}, neutral);
    REQUIRE(large.sections.size() == 2);
    CHECK(large.sections.front().title == "In numbers");
    CHECK(large.sections.back().lines.back() == "and 12 more");
    CHECK(slack_violations(slack_json(large)).empty());
}

TEST_CASE("tests are not counted with real money") {
    auto events = several(2, "payment");
    events.push_back(example("test_mode"));
    const Message digest = compose_digest({.title = "Today", .events = events}, neutral);
    CHECK(digest.headline == "Today: 2 events");
    CHECK(digest.marks == std::vector<std::string>{"1 test event is left out."});
    CHECK_FALSE(digest.test);
    CHECK(compose_digest({.title = "Today", .events = several(2, "test_mode")}, neutral).test);
}

TEST_CASE("the most urgent and the largest come first") {
    std::vector<PaymentEvent> events{example("payment"), example("payment_failed"), example("dispute_opened"),
                                     example("payment_failed")};
    events[3].mutable_amount()->set_minor(999'999);
    const EventList sorted = by_importance(without_tests(events));
    CHECK(sorted == EventList{&events[2], &events[3], &events[1], events.data()});
}

TEST_CASE("events of one dispute, subscription or invoice are one story") {
    const auto key = [](std::string_view text) { return story_of(event_of(text)); };
    CHECK(key(R"(references { subscription_id: "sub_1" invoice_id: "in_1" })") ==
          StoryKey{"subscription", "sub_1"});
    CHECK(key(R"(subject { kind: SUBJECT_KIND_DISPUTE id: "dp_1" } references { payment_id: "pi_1" })") ==
          StoryKey{"dispute", "dp_1"});
    CHECK(key(R"(references { invoice_id: "in_1" payment_id: "pi_1" })") == StoryKey{"invoice", "in_1"});
    CHECK(key(R"(subject { kind: SUBJECT_KIND_PAYMENT id: "pi_1" })") == StoryKey{"payment", "pi_1"});
    CHECK_FALSE(key(R"(subject { kind: SUBJECT_KIND_CUSTOMER id: "cus_1" })"));
}

TEST_CASE("a recovery ends the story, for all to see") {
    const FollowUp follow = follow_up(at_risk(), later(example("payment_recovered"), 60), neutral);
    CHECK(follow.ends);
    CHECK(follow.also_in_channel);
    REQUIRE(follow.parent);
    CHECK(follow.parent->headline == follow.reply.headline);
    CHECK(follow.parent->marks.front() == "Began with: Payment failed: Acme Corp, $1,188.00.");
    CHECK(follow.parent->buttons.empty());
    CHECK(follow.reply.history.empty());
    CHECK_FALSE(follow.reply.buttons.empty());
}

TEST_CASE("what is not more urgent stays within the thread") {
    const FollowUp follow = follow_up(at_risk(), later(example("payment_failed"), 60), neutral);
    CHECK_FALSE(follow.ends);
    CHECK_FALSE(follow.also_in_channel);
    CHECK(follow_up(at_risk(), later(example("payment_failed_last"), 60), neutral).also_in_channel);
    StoryState calm = at_risk();
    calm.priority = tollgate::v1::PRIORITY_DIGEST;
    CHECK_FALSE(follow_up(calm, later(example("subscription_renewed"), 60), neutral).also_in_channel);
    CHECK(follow_up(calm, later(example("subscription_ended"), 60), neutral).also_in_channel);
}

TEST_CASE("an older event never overwrites a newer state") {
    const FollowUp follow = follow_up(at_risk(), later(example("payment_recovered"), -60), neutral);
    CHECK_FALSE(follow.parent);
    CHECK_FALSE(follow.ends);
    CHECK_FALSE(follow.also_in_channel);
    CHECK(follow.reply.marks.front() == "This happened before what is said above.");
    auto event = example("payment_recovered");
    event.set_provider_version(4);
    CHECK_FALSE(follow_up(at_risk(), event, neutral).parent);
    event.set_provider_version(5);
    CHECK(follow_up(at_risk(), event, neutral).parent);
}
