#include <catch2/catch.hpp>

#include "calling.hpp"
#include "support/ports.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace std::chrono_literals;
using test::bot_in;
using test::Caller;
using test::message_of;
using test::SlackRecorder;
using test::webhook_at;

namespace {

const std::string some_event = "payment_failed";

std::string text_of(const test::SlackPosted& posted) {
    return std::string{posted.message.at("text").as_string()};
}

}  // namespace

TEST_CASE("a webhook is sent one JSON message, and told nothing of threads, channels or us") {
    SlackRecorder slack;
    Caller caller{slack};
    const Outcome outcome =
        caller.send(webhook_at(slack.webhook("billing")), message_of(some_event),
                    {.channel = "C1", .thread_ts = "1.2", .update_ts = "1.2", .delivery_id = "d"});
    CHECK(outcome.kind == OutcomeKind::delivered);
    CHECK(outcome.ts.empty());
    const auto calls = slack.calls();
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].word == "ok");
    CHECK(calls[0].headers.get("Content-Type") == "application/json; charset=utf-8");
    CHECK_FALSE(calls[0].headers.contains("Authorization"));
    CHECK_THAT(std::string{calls[0].headers.get("User-Agent").value()}, Catch::StartsWith("tollgate/"));
    for (const char* member : {"channel", "thread_ts", "ts", "metadata"})
        CHECK_FALSE(calls[0].message.contains(member));
    CHECK(slack.complaints().empty());
}

TEST_CASE("a bot posts into its channel, answers in the thread and changes what it posted") {
    SlackRecorder slack{{.burst = 10}};
    Caller caller{slack};
    const auto bot = bot_in("C1");
    const Outcome parent = caller.send(bot, message_of(some_event), {.delivery_id = "d1"});
    REQUIRE(parent.kind == OutcomeKind::delivered);
    CHECK(parent.channel == "C1");
    const Outcome reply =
        caller.send(bot, message_of("payment_recovered"), {.channel = "C1", .thread_ts = parent.ts});
    CHECK(reply.kind == OutcomeKind::delivered);
    const Outcome update = caller.send(bot, message_of("payment_recovered"),
                                       {.channel = "C1", .thread_ts = parent.ts, .update_ts = parent.ts});
    CHECK(update.kind == OutcomeKind::delivered);
    CHECK(update.ts == parent.ts);
    const auto posted = slack.posted("C1");
    REQUIRE(posted.size() == 2);
    CHECK(posted[0].edits == 1);
    CHECK(posted[1].thread_ts == parent.ts);
    CHECK(text_of(posted[0]) == text_of(posted[1]));
    const auto calls = slack.calls("C1");
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].headers.get("Authorization") == "Bearer xoxb-1-recorder");
    CHECK(calls[0].message.at("metadata").at("event_payload").at("delivery_id").as_string() == "d1");
    CHECK(calls[2].method == "chat.update");
    CHECK(slack.complaints().empty());
}

TEST_CASE("every message that there is passes the stricter recorder, by webhook and by bot, in both forms") {
    SlackRecorder slack{{.messages_per_second = 1000, .burst = 1000}};
    Caller caller{slack};
    for (const test::Example& example : test::examples()) {
        CAPTURE(example.name);
        for (const SlackForm form : {SlackForm::blocks, SlackForm::text_only}) {
            for (const auto& to : {webhook_at(slack.webhook("billing")), bot_in("C1")})
                CHECK(caller.send(to, message_of(example.name), {}, form).kind == OutcomeKind::delivered);
        }
    }
    CHECK(slack.complaints().empty());
    CHECK(slack.posted("C1").size() == 2 * test::examples().size());
}

TEST_CASE("each refusal of Slack comes back as what is to be done about it") {
    struct Refusal {
        std::string word;
        OutcomeKind kind;
    };
    using enum OutcomeKind;
    SlackRecorder slack;
    Caller caller{slack};
    for (const auto& [word, kind] : std::vector<Refusal>{{"invalid_payload", dead},
                                                         {"no_text", dead},
                                                         {"invalid_blocks", retry_as_text},
                                                         {"invalid_blocks_format", retry_as_text},
                                                         {"too_many_attachments", dead},
                                                         {"user_not_found", dead},
                                                         {"action_prohibited", reconnect},
                                                         {"posting_to_general_channel_denied", reconnect},
                                                         {"invalid_token", reconnect},
                                                         {"no_active_hooks", reconnect},
                                                         {"no_service", confirm},
                                                         {"no_service_id", confirm},
                                                         {"no_team", confirm},
                                                         {"channel_not_found", reconnect},
                                                         {"channel_is_archived", reconnect},
                                                         {"team_disabled", reconnect},
                                                         {"rollup_error", retry},
                                                         {"redirect", reconnect},
                                                         {"ratelimited", retry}}) {
        CAPTURE(word);
        slack.refuse("billing", word);
        const Outcome outcome = caller.send(webhook_at(slack.webhook("billing")), message_of(some_event));
        CHECK(outcome.kind == kind);
        CHECK_FALSE(outcome.reason.empty());
    }
    for (const auto& [word, kind] : std::vector<Refusal>{{"rate_limited", retry},
                                                         {"message_limit_exceeded", retry},
                                                         {"internal_error", unknown},
                                                         {"fatal_error", unknown},
                                                         {"service_unavailable", retry},
                                                         {"request_timeout", retry},
                                                         {"invalid_auth", reconnect},
                                                         {"not_authed", reconnect},
                                                         {"account_inactive", reconnect},
                                                         {"token_revoked", reconnect},
                                                         // There is nothing to refresh it with.
                                                         {"token_expired", reconnect},
                                                         {"missing_scope", reconnect},
                                                         {"channel_not_found", reconnect},
                                                         {"not_in_channel", reconnect},
                                                         {"is_archived", reconnect},
                                                         {"restricted_action", reconnect},
                                                         {"invalid_blocks", retry_as_text},
                                                         {"msg_too_long", dead},
                                                         {"metadata_too_large", dead},
                                                         {"no_text", dead},
                                                         {"cannot_reply_to_message", retry_top_level},
                                                         {"a_word_of_tomorrow", dead}}) {
        CAPTURE(word);
        slack.refuse("C1", word);
        CHECK(caller.send(bot_in("C1"), message_of(some_event)).kind == kind);
    }
    for (const char* word :
         {"message_not_found", "cant_update_message", "edit_window_closed", "update_failed"}) {
        CAPTURE(word);
        slack.refuse("C1", word);
        const Outcome outcome =
            caller.send(bot_in("C1"), message_of(some_event), {.channel = "C1", .update_ts = "1.2"});
        CHECK(outcome.kind == reply_instead);
    }
    CHECK(slack.posted("billing").empty());
    CHECK(slack.posted("C1").empty());
}

TEST_CASE("a channel that is told too much says for how long all of it has to wait") {
    SlackRecorder slack;
    Caller caller{slack};
    const auto to = webhook_at(slack.webhook("billing"));
    CHECK(caller.send(to, message_of(some_event)).kind == OutcomeKind::delivered);
    const Outcome limited = caller.send(to, message_of(some_event));
    CHECK(limited.kind == OutcomeKind::retry);
    CHECK(limited.pauses_destination);
    CHECK(limited.after == 1s);
    CHECK(caller.send(webhook_at(slack.webhook("other")), message_of(some_event)).kind ==
          OutcomeKind::delivered);
    slack.refuse("C1", "ratelimited");
    CHECK(caller.send(bot_in("C1"), message_of(some_event)).after == 7s);
}

TEST_CASE("a refused layout is one call more without blocks, and then no other") {
    SlackRecorder slack;
    Caller caller{slack};
    slack.refuse("C1", "invalid_blocks", 2);
    CHECK(caller.send(bot_in("C1"), message_of(some_event)).kind == OutcomeKind::retry_as_text);
    const Outcome again = caller.send(bot_in("C1"), message_of(some_event), {}, SlackForm::text_only);
    CHECK(again.kind == OutcomeKind::dead);
    const auto calls = slack.calls("C1");
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].message.contains("blocks"));
    CHECK_FALSE(calls[1].message.contains("blocks"));
}

TEST_CASE("a redirect is an answer, and is not followed") {
    SlackRecorder slack;
    Caller caller{slack};
    for (const int status : {301, 302, 303, 307, 308}) {
        http::Response response = http::plain(status, "");
        response.headers.add("Location", slack.webhook("elsewhere"));
        slack.answer("billing", response);
        CHECK(caller.send(webhook_at(slack.webhook("billing")), message_of(some_event)).kind ==
              OutcomeKind::reconnect);
    }
    CHECK(slack.calls().size() == 5);
    CHECK(slack.calls("elsewhere").empty());
}

TEST_CASE("only what may have arrived is unknown") {
    SlackRecorder slack;
    Caller hasty{{.api_url = slack.api_url(), .call_timeout = 300ms, .internal_hosts = "127.0.0.1"}};
    slack.delay("C1", 3s);
    CHECK(hasty.send(bot_in("C1"), message_of(some_event)).kind == OutcomeKind::unknown);
    CHECK(slack.posted("C1").size() == 1);
    const auto nobody = fmt::format("http://127.0.0.1:{}/services/T0/B0/x", test::free_port());
    const Outcome refused = hasty.send(webhook_at(nobody), message_of(some_event));
    CHECK(refused.kind == OutcomeKind::retry);
    CHECK_THAT(refused.reason, Catch::Contains("could not be reached") && !Catch::Contains("/services/"));

    Caller caller{{.api_url = slack.api_url(), .answer_max = {1024}, .internal_hosts = "127.0.0.1"}};
    const std::string page(5'000, 'x');
    slack.answer("C2", http::plain(200, page));
    CHECK(caller.send(bot_in("C2"), message_of(some_event)).kind == OutcomeKind::unknown);
    // Of a refusal the status says enough.
    slack.answer("C2", http::plain(503, page));
    CHECK(caller.send(bot_in("C2"), message_of(some_event)).kind == OutcomeKind::retry);
    slack.answer("billing", http::plain(404, page));
    CHECK(caller.send(webhook_at(slack.webhook("billing")), message_of(some_event)).kind ==
          OutcomeKind::dead);
}

TEST_CASE("a wrong address of the Web API is told before anything is sent") {
    for (const std::string url :
         {"", "slack.com", "ftp://slack.com", "http://slack.com/api", "https://me:secret@slack.com/api"}) {
        CAPTURE(url);
        const auto made = SlackClient::make({.api_url = url});
        REQUIRE_FALSE(made.has_value());
        CHECK_THAT(made.error().detail, Catch::Contains("slack.api_url") && !Catch::Contains("secret"));
    }
    CHECK(SlackClient::make({.api_url = "https://slack.com/api/"}).has_value());
    CHECK_FALSE(SlackClient::make({.ca_file = "/nowhere.pem"}).has_value());
}
