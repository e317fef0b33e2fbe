// Against the work of others: a server that answers like Slack, and Slack's own clients.
#include "others.hpp"

#include <fstream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "delivery/slack.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
namespace json = boost::json;
using test::bot_in;
using test::Caller;
using test::EmulatedSlack;
using test::message_of;
using test::webhook_at;

namespace {

json::array messages_of(EmulatedSlack& slack, const std::string& method, const std::string& form) {
    return slack.ask(method, form).at("messages").as_array();
}

// Those of what was sent that the emulator keeps.
void check_same(const json::value& kept, const json::object& sent) {
    CHECK(kept.at("text") == sent.at("text"));
    CHECK(kept.at("blocks") == sent.at("blocks"));
    if (sent.contains("attachments")) CHECK(kept.at("attachments").as_array().size() == 1);
}

json::object sent_as(const Message& message, const SlackPlace& place = {}) {
    return json::parse(slack_json(message, place)).as_object();
}

SlackConfig config_of(const EmulatedSlack& slack) {
    return {.api_url = slack.api_url(), .internal_hosts = "127.0.0.1"};
}

}  // namespace

TEST_CASE("a server that is not ours takes every message by webhook, and keeps it as it was sent") {
    EmulatedSlack slack;
    Caller caller{config_of(slack)};
    for (const test::Example& example : test::examples()) {
        CAPTURE(example.name);
        const Message message = message_of(example.name);
        CHECK(caller.send(webhook_at(slack.webhook()), message).kind == OutcomeKind::delivered);
        const auto kept = messages_of(slack, "conversations.history", "channel=C000000001&limit=1");
        REQUIRE(kept.size() == 1);
        check_same(kept[0], sent_as(message));
    }
}

TEST_CASE("a server that is not ours has our threads, and shows a parent as it was changed last") {
    EmulatedSlack slack;
    Caller caller{config_of(slack)};
    const auto bot = bot_in(slack.billing(), "xoxb-1-emulated");
    const Message failed = message_of("payment_failed");
    const Message recovered = message_of("payment_recovered");
    const Outcome parent = caller.send(bot, failed, {.delivery_id = "d1"});
    REQUIRE(parent.kind == OutcomeKind::delivered);
    CHECK(parent.channel == slack.billing());
    const Outcome reply = caller.send(bot, recovered, {.thread_ts = parent.ts, .also_in_channel = true});
    REQUIRE(reply.kind == OutcomeKind::delivered);
    CHECK(reply.ts != parent.ts);
    const Outcome update = caller.send(bot, recovered, {.channel = parent.channel, .update_ts = parent.ts});
    CHECK(update.kind == OutcomeKind::delivered);
    CHECK(update.ts == parent.ts);

    const auto thread = messages_of(slack, "conversations.replies",
                                    fmt::format("channel={}&ts={}", parent.channel, parent.ts));
    REQUIRE(thread.size() == 2);
    check_same(thread[0], sent_as(recovered));
    CHECK(thread[1].at("thread_ts").as_string() == parent.ts);
    check_same(thread[1], sent_as(recovered));
    const auto noted = messages_of(slack, "conversations.history",
                                   fmt::format("channel={}&include_all_metadata=true", parent.channel));
    bool found = false;
    for (const auto& one : noted) {
        if (const auto* metadata = one.as_object().if_contains("metadata"))
            found = found || metadata->at("event_payload").at("delivery_id") == "d1";
    }
    CHECK(found);
}

TEST_CASE("a server that is not ours refuses, and we understand why") {
    EmulatedSlack slack;
    Caller caller{config_of(slack)};
    const Message message = message_of("payment_failed");
    const Outcome no_channel = caller.send(bot_in("C9999", "xoxb-1-emulated"), message);
    CHECK(no_channel.kind == OutcomeKind::reconnect);
    CHECK(no_channel.code == "channel_not_found");
    const Outcome no_scope = caller.send(bot_in(slack.billing(), "xoxb-1-reader"), message);
    CHECK(no_scope.kind == OutcomeKind::reconnect);
    CHECK_THAT(no_scope.reason, Catch::Contains("chat:write"));
    const Outcome no_message =
        caller.send(bot_in(slack.billing(), "xoxb-1-emulated"), message, {.update_ts = "1700000000.000009"});
    CHECK(no_message.kind == OutcomeKind::reply_instead);
    CHECK(no_message.code == "message_not_found");
}

TEST_CASE("Slack's own clients send the same as we do") {
    test::SlackRecorder slack{{.messages_per_second = 1000, .burst = 1000}};
    Caller caller{slack};
    json::array calls;
    for (const test::Example& example : test::examples()) {
        const Message message = message_of(example.name);
        const Outcome posted = caller.send(bot_in("C1"), message, {.delivery_id = "d1"});
        caller.send(bot_in("C1"), message, {.thread_ts = posted.ts, .also_in_channel = true});
        caller.send(bot_in("C1"), message, {.channel = "C1", .update_ts = posted.ts});
        caller.send(webhook_at(slack.webhook("billing")), message);
    }
    const auto ours = slack.calls();
    REQUIRE(ours.size() == 4 * test::examples().size());
    for (const test::SlackCallSeen& call : ours) {
        REQUIRE(call.word == "ok");
        json::object again{{"message", call.message}};
        const bool webhook = call.method == "webhook";
        again[webhook ? "webhook" : "method"] = webhook ? slack.webhook(call.channel) : call.method;
        calls.push_back(std::move(again));
    }
    const test::TemporaryFolder folder;
    const std::string file = folder.path() / "calls.json";
    std::ofstream{file} << json::serialize(
        json::object{{"api_url", slack.api_url()}, {"token", "xoxb-1-recorder"}, {"calls", calls}});
    test::ChildProcess sdk{test::node(),
                           {test::source_file("tests/integration/delivery/send_with_slack_sdk.cjs"), file},
                           test::node_environment()};
    const int code = sdk.wait(std::chrono::seconds{90});
    CAPTURE(sdk.err());
    REQUIRE(code == 0);

    auto theirs = slack.calls();
    theirs.erase(theirs.begin(), theirs.begin() + static_cast<std::ptrdiff_t>(ours.size()));
    REQUIRE(theirs.size() == ours.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        CAPTURE(i, json::serialize(ours[i].message), json::serialize(theirs[i].message));
        CHECK(theirs[i].word == "ok");
        CHECK(theirs[i].method == ours[i].method);
        CHECK(theirs[i].channel == ours[i].channel);
        CHECK(theirs[i].message == ours[i].message);
        CHECK(theirs[i].headers.get("Authorization") == ours[i].headers.get("Authorization"));
        // A form of theirs and JSON of ours are read alike by the Web API; a webhook takes JSON from both.
        if (ours[i].method == "webhook")
            CHECK(theirs[i].headers.get("Content-Type").value_or("").starts_with("application/json"));
    }
}
