// What people get to read, for each example in both tones. After a change of words on purpose,
//
//   TOLLGATE_TEST_REGENERATE=1 build/asan/bin/unit_delivery "every example reads as it did when a person last
//   read it"
//
// writes the files anew: read the difference as somebody who gets these messages.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "delivery/compose.hpp"
#include "delivery/gathered.hpp"
#include "delivery/preview.hpp"
#include "delivery/slack.hpp"
#include "delivery/slack_limits.hpp"
#include "delivery/story.hpp"
#include "support/child_process.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate::test;
using namespace tollgate::delivery;
namespace json = boost::json;

namespace {

bool holds_objects(const json::array& elements) {
    return std::ranges::any_of(elements, [](const json::value& value) { return value.is_object(); });
}

// Each block and each element on a line of its own, so that a difference shows what changed.
std::string legible(const json::value& value, const std::string& indent = "") {
    const std::string deeper = indent + "  ";
    std::string text;
    if (const auto* const object = value.if_object()) {
        for (const auto& [name, member] : *object) {
            text += (text.empty() ? "{" : ", ") + json::serialize(json::string{name}) + ": " +
                    legible(member, deeper);
        }
        return text + "}";
    }
    const auto* const elements = value.if_array();
    if (elements == nullptr || !holds_objects(*elements)) return json::serialize(value);
    for (const json::value& element : *elements) {
        text += (text.empty() ? "[\n" : ",\n") + deeper + legible(element, deeper);
    }
    return text + "]";
}

using Compose = std::function<Message(Tone)>;

std::string rendered(const Compose& composed) {
    std::string text;
    for (const auto& [tone, name] :
         {std::pair{Tone::neutral, "neutral"}, std::pair{Tone::playful, "playful"}}) {
        const Message message = composed(tone);
        text += std::string{"==== "} + name + ", terminal\n" + preview(message);
        text += std::string{"==== "} + name + ", Slack\n" + legible(json::parse(slack_json(message))) + "\n";
    }
    return text;
}

// A morning on which many payments fail, one of them a test.
std::vector<tollgate::v1::PaymentEvent> failures() {
    std::vector<tollgate::v1::PaymentEvent> events;
    for (std::int64_t i = 0; i < 12; ++i) {
        auto event = example("payment_failed");
        event.mutable_customer()->set_id("cus_" + std::to_string(i % 9));
        event.mutable_company()->set_name("Acme " + std::to_string(i));
        event.mutable_provider_time()->set_seconds(1795230060 + i * 60);
        event.mutable_amount()->set_minor(10'000 * (i % 5 + 1));
        event.mutable_amount()->set_currency(i % 4 == 3 ? "EUR" : "USD");
        if (i % 6 == 5) event.set_failure_reason("processing error");
        if (i == 11) event.set_mode(tollgate::v1::MODE_TEST);
        events.push_back(event);
    }
    return events;
}

// A week in which a bit of everything happened.
std::vector<tollgate::v1::PaymentEvent> week() {
    std::vector<tollgate::v1::PaymentEvent> events;
    for (const std::string_view name :
         {"payment", "payment", "payment_failed", "subscription_created", "subscription_upgraded",
          "subscription_ended", "dispute_opened", "payment_failed_last", "payout", "trial_ending",
          "trial_ending", "test_mode"}) {
        events.push_back(example(name));
    }
    events[3].set_mrr_effect(tollgate::v1::MRR_EFFECT_NEW);
    events[4].set_mrr_effect(tollgate::v1::MRR_EFFECT_EXPANSION);
    return events;
}

FollowUp recovery(Tone tone) {
    auto event = example("payment_recovered");
    event.mutable_provider_time()->set_seconds(1795231000);
    const auto began = example("payment_failed");
    const auto around = circumstances(tone);
    return follow_up(
        {.began = headline_of(began, around), .priority = priority_of(began), .happened = happened_at(began)},
        event, around);
}

Circumstances troubled(Tone tone) {
    auto around = circumstances(tone);
    around.clock.now += std::chrono::hours{30};
    around.replayed = true;
    around.may_be_repeat = true;
    around.nth = 3;
    around.event_url = "";
    return around;
}

std::map<std::string, Compose> everything() {
    std::map<std::string, Compose> all;
    for (const auto& [name, event] : examples()) {
        all.emplace(name, [event](Tone tone) { return compose(event, circumstances(tone)); });
    }
    all.emplace("gathered_storm", [](Tone tone) {
        return compose_storm({.events = failures(), .usual = 4}, circumstances(tone));
    });
    all.emplace("gathered_storm_over", [](Tone tone) {
        return compose_storm({.events = failures(), .recovered = 9, .over = true}, circumstances(tone));
    });
    all.emplace("gathered_digest", [](Tone tone) {
        return compose_digest({.title = "Week 47", .events = week()}, circumstances(tone));
    });
    all.emplace("gathered_nothing", [](Tone tone) {
        return compose_digest({.title = "Overnight", .events = {}}, circumstances(tone));
    });
    all.emplace("story_parent", [](Tone tone) { return recovery(tone).parent.value(); });
    all.emplace("story_reply", [](Tone tone) { return recovery(tone).reply; });
    all.emplace("marks", [](Tone tone) { return compose(example("payment_failed"), troubled(tone)); });
    return all;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("every example reads as it did when a person last read it") {
    const std::filesystem::path folder = source_file("tests/unit/delivery/golden");
    const bool regenerate =
        std::getenv("TOLLGATE_TEST_REGENERATE") != nullptr;  // NOLINT(concurrency-mt-unsafe)
    std::set<std::string> names;
    for (const auto& [name, composed] : everything()) {
        const auto path = folder / (name + ".txt");
        names.insert(path.filename().string());
        if (regenerate) std::ofstream{path} << rendered(composed);
        INFO(path.string());
        CHECK(rendered(composed) == read(path));
    }
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
        INFO("a golden file without an example: " << file.path());
        CHECK(names.contains(file.path().filename().string()));
    }
}

TEST_CASE("every example is within the limits of Slack") {
    for (const auto& [name, composed] : everything()) {
        for (const Tone tone : {Tone::neutral, Tone::playful}) {
            for (const SlackForm form : {SlackForm::blocks, SlackForm::text_only}) {
                INFO(name);
                CHECK(slack_violations(slack_json(composed(tone), {}, form)).empty());
            }
        }
    }
}
