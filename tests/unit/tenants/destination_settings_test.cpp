#include "tenants/destination_settings.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::tenants;
using namespace std::chrono_literals;

namespace {

Result<DestinationSettings> of_bot(std::string_view change) {
    return changed({.channel = "C0123ABCD"}, change, DestinationKind::slack_bot);
}

std::string told(std::string_view change) {
    const auto refused = of_bot(change);
    if (refused) return "accepted";
    return fmt::format("{} {}", name(refused.error().code), refused.error().detail);
}

}  // namespace

TEST_CASE("a whole number of messages per second is written as people write it") {
    CHECK_THAT(to_json({}), Catch::Contains(R"("messages_per_second":1,)"));
    CHECK_THAT(to_json({.messages_per_second = 0.5}), !Catch::Contains(R"("messages_per_second":0,)"));
}

TEST_CASE("a destination's settings begin with what suits most, and each can be set and put back") {
    const auto plain = changed({}, "{}", DestinationKind::slack_webhook);
    REQUIRE(plain);
    CHECK(*plain == DestinationSettings{});
    const auto set = of_bot(
        R"({"channel": "G9", "user_group": "S0ABC", "tone": "playful", "email_addresses": "hidden",
            "messages_per_second": 10, "burst": 20, "sibling_wait_ms": 0, "digest_hour": 0, "storm_after": 0,
            "quiet_hours": {"from": "22:00", "until": "07:30", "weekdays": ["sun", "mon"]}})");
    REQUIRE(set);
    const DestinationSettings wanted{
        .channel = "G9",
        .user_group = "S0ABC",
        .tone = Tone::playful,
        .email_addresses = EmailAddresses::hidden,
        .messages_per_second = 10,
        .burst = 20,
        .sibling_wait = 0ms,
        .quiet_hours = QuietHours{.from = 22h, .until = 7h + 30min, .weekdays = 0b1000001},
        .digest_hour = 0,
        .storm_after = 0};
    CHECK(*set == wanted);
    const auto back = changed(*set,
                              R"({"user_group": null, "tone": null, "email_addresses": null, "burst": null,
                                  "messages_per_second": null, "sibling_wait_ms": null, "digest_hour": null,
                                  "quiet_hours": null, "storm_after": null})",
                              DestinationKind::slack_bot);
    REQUIRE(back);
    CHECK(*back == DestinationSettings{.channel = "G9"});
    // What is not named stays.
    CHECK(changed(*set, R"({"burst": 1})", DestinationKind::slack_bot)->sibling_wait == 0ms);
}

TEST_CASE("a destination's settings are read back as they were kept, and from other releases") {
    const DestinationSettings settings{
        .channel = "C1",
        .user_group = "S1",
        .tone = Tone::playful,
        .email_addresses = EmailAddresses::full,
        .messages_per_second = 0.25,
        .burst = 1,
        .sibling_wait = 60'000ms,
        .quiet_hours = QuietHours{.from = 0min, .until = 23h + 59min, .weekdays = 0b0100000},
        .digest_hour = 23,
        .storm_after = 1000};
    CHECK(read_settings(to_json(settings)) == settings);
    CHECK(read_settings(to_json({})) == DestinationSettings{});
    CHECK_THAT(to_json(settings), Catch::Contains(R"("weekdays":["sat"])"));
    CHECK(read_settings(R"({"of_a_newer_release": [1], "burst": 5})")->burst == 5);
    CHECK(read_settings("{}") == DestinationSettings{});
    CHECK_FALSE(read_settings(R"({"burst": "many"})").has_value());
    CHECK_FALSE(read_settings("nonsense").has_value());
}

TEST_CASE("what a destination cannot be set to is refused in words") {
    struct Example {
        std::string change;
        std::string told;
    };
    for (const auto& [change, wanted] : std::vector<Example>{
             {R"({"bursts": 3})", "there is no setting \"bursts\": did you mean burst?"},
             {R"({"channel": "#billing"})", "it is the id of a channel, like C0123ABCD"},
             {R"({"channel": "c0123abcd"})", "it is the id of a channel"},
             {R"({"channel": "U0123ABCD"})", "it is the id of a channel"},
             {R"({"channel": "C1234567890123456789012345678901"})", "it is the id of a channel"},
             {R"({"channel": ""})", "a bot has to be told its channel"},
             {R"({"channel": null})", "a bot has to be told its channel"},
             {R"({"user_group": "@billing"})", "it is the id of a user group"},
             {R"({"tone": "rude"})", "tone cannot be \"rude\": it is neutral or playful"},
             {R"({"tone": 1})", "it is neutral or playful"},
             {R"({"email_addresses": "none"})", "it is masked, full or hidden"},
             {R"({"messages_per_second": 0})", "a number from 0.01 to 10000"},
             {R"({"messages_per_second": 10000.5})", "a number from 0.01 to 10000"},
             {R"({"messages_per_second": "1"})", "a number from 0.01 to 10000"},
             {R"({"burst": 0})", "a whole number from 1 to 10000"},
             {R"({"burst": 10001})", "a whole number from 1 to 10000"},
             {R"({"burst": 1.5})", "a whole number from 1 to 10000"},
             {R"({"sibling_wait_ms": -1})", "a whole number from 0 to 60000"},
             {R"({"sibling_wait_ms": 60001})", "a whole number from 0 to 60000"},
             {R"({"digest_hour": 24})", "a whole hour from 0 to 23"},
             {R"({"storm_after": 1001})", "a whole number from 0 (never) to 1000"},
             {R"({"quiet_hours": "22-07"})", "quiet_hours cannot be"},
             {R"({"quiet_hours": {"from": "22:00"}})", "they are like"},
             {R"({"quiet_hours": {"from": "24:00", "until": "07:00"}})", "they are like"},
             {R"({"quiet_hours": {"from": "22:60", "until": "07:00"}})", "they are like"},
             {R"({"quiet_hours": {"from": "9:00", "until": "07:00"}})", "they are like"},
             {R"({"quiet_hours": {"from": "0x:00", "until": "07:00"}})", "they are like"},
             {R"({"quiet_hours": {"from": "22:00", "until": "07:00", "weekdays": []}})", "they are like"},
             {R"({"quiet_hours": {"from": "22:00", "until": "07:00", "weekdays": ["Monday"]}})",
              "they are like"},
             {R"({"quiet_hours": {"from": "22:00", "until": "07:00", "days": ["mon"]}})", "they are like"},
             {"[]", "not a JSON object"},
             {"{", "not JSON"},
         }) {
        CAPTURE(change);
        CHECK_THAT(told(change), Catch::StartsWith("invalid ") && Catch::Contains(wanted));
    }
    // Without days it is every day.
    CHECK(of_bot(R"({"quiet_hours": {"from": "00:00", "until": "00:00"}})")->quiet_hours->weekdays.all());
    const auto told_channel = changed({}, R"({"channel": "C1"})", DestinationKind::slack_webhook);
    REQUIRE_FALSE(told_channel);
    CHECK_THAT(told_channel.error().detail, Catch::Contains("a webhook knows its channel"));
}

TEST_CASE("kinds of destinations have names") {
    CHECK(parse_destination_kind("slack-bot") == DestinationKind::slack_bot);
    CHECK(name(DestinationKind::slack_webhook) == "slack-webhook");
    const auto unknown = parse_destination_kind("slack-webhok");
    REQUIRE_FALSE(unknown);
    CHECK_THAT(unknown.error().detail, Catch::Contains("did you mean slack-webhook?"));
}
