#include "delivery/slack_outcome.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "delivery/slack_answers.hpp"

using namespace tollgate::delivery;
using namespace std::chrono_literals;
using enum OutcomeKind;
using tollgate::http::Headers;

namespace {

const tollgate::Timestamp now = tollgate::parse_rfc3339("2026-11-21T03:11:00Z").value();

Outcome webhook(int status, std::string_view body, const Headers& headers = {}) {
    return outcome_of(SlackCall::incoming_webhook, {.status = status, .headers = headers, .body = body}, now);
}

Outcome post(std::string_view body, int status = 200, const Headers& headers = {}) {
    return outcome_of(SlackCall::post_message, {.status = status, .headers = headers, .body = body}, now);
}

Outcome refused(std::string_view word, SlackCall call = SlackCall::post_message) {
    const Headers none;
    return outcome_of(
        call, {.status = 200, .headers = none, .body = fmt::format(R"({{"ok":false,"error":"{}"}})", word)},
        now);
}

struct Answer {
    int status;
    std::string_view body;
    OutcomeKind kind;
};

struct Word {
    std::string_view word;
    OutcomeKind kind;
};

constexpr std::string_view page = "<!DOCTYPE html><html><body>Bad Gateway</body></html>";

}  // namespace

TEST_CASE("an incoming webhook's answers mean what Slack's documents say") {
    for (const auto& [status, body, kind] : std::initializer_list<Answer>{
             {200, "ok", delivered},
             {200, " ok\r\n", delivered},
             {400, "invalid_payload", dead},
             {400, "no_text", dead},
             {400, "invalid_blocks", retry_as_text},
             {400, "invalid_blocks_format\n", retry_as_text},
             {400, "too_many_attachments", dead},
             {400, "user_not_found", dead},
             {403, "action_prohibited", reconnect},
             {403, "posting_to_general_channel_denied", reconnect},
             {403, "invalid_token", reconnect},
             {403, "no_active_hooks", reconnect},
             {404, "no_service", confirm},
             {404, "no_service_id", confirm},
             {404, "no_team", confirm},
             {404, "", dead},
             {302, "", reconnect},
             {301, page, reconnect},
             {404, "channel_not_found", reconnect},
             {410, "channel_is_archived", reconnect},
             {403, "team_disabled", reconnect},
             {404, "team_disabled", reconnect},
             {429, "rate_limited", retry},
             {429, R"({"retry_after":5,"ok":false,"error":"rate_limited"})", retry},
             {500, "rollup_error", retry},
             {500, "", retry},
             {502, page, retry},
             {503, "", retry},
             {408, "", retry},
             {425, "", retry},
             {401, "", reconnect},
             {418, "something_new", dead},
             // The word is right where the status is not.
             {500, "action_prohibited", reconnect},
             {200, "no_service", confirm},
             {429, "no_service", retry},
             // Somebody else answers in Slack's stead.
             {200, page, unknown},
             {200, "", unknown},
             {204, "", unknown},
             {0, "", retry},
         }) {
        INFO(status << " " << body);
        const Outcome outcome = webhook(status, body);
        CHECK(outcome.kind == kind);
        CHECK(outcome.reason.empty() == (kind == delivered));
    }
}

TEST_CASE("a message of the Web API is delivered with its name") {
    const Outcome outcome =
        post(R"({"ok":true,"channel":"C123","ts":"1503435956.000247","message":{"text":"x"}})");
    CHECK(outcome.kind == delivered);
    CHECK(outcome.channel == "C123");
    CHECK(outcome.ts == "1503435956.000247");
    CHECK(outcome.reason.empty());
}

TEST_CASE("only what can be a name is taken for a message's name, and of a webhook nothing is") {
    const std::string body = R"({"ok":true,"channel":"C123","ts":"1.2"})";
    CHECK(webhook(200, body).kind == delivered);
    CHECK(webhook(200, body).channel.empty());
    CHECK(webhook(200, body).ts.empty());
    for (const std::string& odd : {std::string{R"(C\u0000X)"}, std::string{"C 1"}, std::string(65, 'C')}) {
        INFO(odd);
        const Outcome outcome = post(fmt::format(R"({{"ok":true,"channel":"{0}","ts":"{0}"}})", odd));
        CHECK(outcome.kind == delivered);
        CHECK(outcome.channel.empty());
        CHECK(outcome.ts.empty());
    }
    const std::string longest(64, 'C');
    CHECK(post(fmt::format(R"({{"ok":true,"channel":"{}","ts":"1"}})", longest)).channel == longest);
}

TEST_CASE("a refusal of the Web API comes with status 200 and means what its word says") {
    for (const auto& [word, kind] : std::initializer_list<Word>{
             {"ratelimited", retry},
             {"rate_limited", retry},
             {"message_limit_exceeded", retry},
             {"service_unavailable", retry},
             {"request_timeout", retry},
             {"team_added_to_org", retry},
             {"org_login_required", retry},
             {"internal_error", unknown},
             {"fatal_error", unknown},
             {"invalid_auth", reconnect},
             {"not_authed", reconnect},
             {"account_inactive", reconnect},
             {"token_revoked", reconnect},
             {"token_expired", refresh_token},
             {"missing_scope", reconnect},
             {"not_allowed_token_type", reconnect},
             {"no_permission", reconnect},
             {"ekm_access_denied", reconnect},
             {"enterprise_is_restricted", reconnect},
             {"team_access_not_granted", reconnect},
             {"access_denied", reconnect},
             {"accesslimited", reconnect},
             {"channel_not_found", reconnect},
             {"not_in_channel", reconnect},
             {"is_archived", reconnect},
             {"restricted_action", reconnect},
             {"restricted_action_read_only_channel", reconnect},
             {"restricted_action_thread_only_channel", reconnect},
             {"restricted_action_non_threadable_channel", reconnect},
             {"messages_tab_disabled", reconnect},
             {"invalid_blocks", retry_as_text},
             {"invalid_blocks_format", retry_as_text},
             {"msg_blocks_too_long", retry_as_text},
             {"msg_too_long", dead},
             {"no_text", dead},
             {"too_many_attachments", dead},
             {"attachment_payload_limit_exceeded", retry_as_text},
             {"invalid_metadata_format", dead},
             {"invalid_metadata_schema", dead},
             {"metadata_too_large", dead},
             {"metadata_must_be_sent_from_app", dead},
             {"markdown_text_conflict", dead},
             {"invalid_arguments", dead},
             {"invalid_json", dead},
             {"team_not_found", dead},
             {"invalid_charset", dead},
             {"cannot_reply_to_message", retry_top_level},
             {"restricted_action_thread_locked", retry_top_level},
             {"thread_not_found", retry_top_level},
             {"message_not_found", dead},  // nobody asked to change one
             {"a_word_of_next_year", dead},
         }) {
        INFO(word);
        const Outcome outcome = refused(word);
        CHECK(outcome.kind == kind);
        CHECK(outcome.code == word);
        CHECK_FALSE(outcome.reason.empty());
    }
}

TEST_CASE("a message that can no longer be changed is answered in its thread") {
    for (const std::string_view word :
         {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "update_failed"}) {
        INFO(word);
        CHECK(refused(word, SlackCall::update_message).kind == reply_instead);
    }
    CHECK(refused("token_revoked", SlackCall::update_message).kind == reconnect);
}

TEST_CASE("an answer of the Web API that is not Slack's own is settled by its status") {
    for (const auto& [status, body, kind] : std::initializer_list<Answer>{
             {200, page, unknown},
             {200, "", unknown},
             {200, "[]", unknown},
             {200, R"({"error":7})", unknown},
             {200, R"({"ok":"true"})", unknown},
             {200, R"({"ok":true)", unknown},
             {500, page, retry},
             {502, "", retry},
             {503, R"({"ok":false,"error":"a_word_of_next_year"})", retry},
             {403, page, reconnect},
             {302, "", reconnect},
             {404, page, dead},
             {429, page, retry},
         }) {
        INFO(status << " " << body);
        CHECK(post(body, status).kind == kind);
    }
}

TEST_CASE("a page that stands in for an answer is not quoted to people") {
    CHECK_THAT(webhook(502, page).reason, !Catch::Contains("html"));
    CHECK_THAT(webhook(418, "something_new").reason, Catch::Contains("418: something_new"));
}

TEST_CASE("too many messages pause the destination for as long as Slack asks") {
    struct Wait {
        std::string_view header;
        std::chrono::seconds after;
    };
    for (const auto& [header, after] : std::initializer_list<Wait>{
             {"7", 7s},
             {" 7 ", 7s},
             {"0", 1s},
             {"86400", 3600s},
             {"99999999999999999999", 3600s},
             {"Sat, 21 Nov 2026 03:12:00 GMT", 60s},
             {"Sat, 21 Nov 2026 03:00:00 GMT", 1s},
             {"soon", 30s},
             {"-5", 30s},
         }) {
        INFO(header);
        const Outcome outcome = webhook(429, "", {{"retry-after", header}});
        CHECK(outcome.kind == retry);
        CHECK(outcome.after == after);
        CHECK(outcome.pauses_destination);
    }
    CHECK(webhook(429, "").after == 30s);
    CHECK(post(R"({"ok":false,"error":"ratelimited"})", 200, {{"Retry-After", "12"}}).after == 12s);
    CHECK(post(R"({"ok":false,"error":"ratelimited"})", 429).pauses_destination);
}

TEST_CASE("any other retry waits as Slack asks, or as the backoff has it, and pauses nobody else") {
    CHECK(webhook(503, "", {{"Retry-After", "12"}}).after == 12s);
    CHECK_FALSE(webhook(503, "", {{"Retry-After", "12"}}).pauses_destination);
    CHECK_FALSE(webhook(503, "").after);
    CHECK(refused("org_login_required").after == 1h);
    CHECK(webhook(404, "no_service").after == 7min);
    CHECK_FALSE(webhook(403, "invalid_token", {{"Retry-After", "12"}}).after);
}

TEST_CASE("a reason tells a person what to do, and a bug of ours is called one") {
    CHECK_THAT(webhook(404, "no_service").reason,
               Catch::Contains("removed") && Catch::Contains("reconnect Slack"));
    CHECK_THAT(refused("not_in_channel").reason, Catch::Contains("invite"));
    CHECK_THAT(post(R"({"ok":false,"error":"missing_scope","needed":"chat:write","provided":"x"})").reason,
               Catch::Contains("chat:write"));
    CHECK(webhook(400, "invalid_payload").our_bug);
    CHECK_FALSE(webhook(400, "user_not_found").our_bug);
    std::set<std::string_view> words;
    for (const auto table : {web_api_words(), update_words()}) {
        for (const SlackWord& row : table) {
            INFO(row.word);
            CHECK(words.insert(row.word).second);
            const bool for_people = row.kind == reconnect || row.kind == confirm;
            if (for_people) CHECK_THAT(std::string{row.reason}, Catch::Contains(": "));
            CHECK(row.reason.ends_with('.'));
        }
    }
}

TEST_CASE("a call that failed before an answer may have arrived or not") {
    CHECK(outcome_of(TransportFailure::never_sent, "no such host").kind == retry);
    CHECK(outcome_of(TransportFailure::forbidden, "10.0.0.1").kind == reconnect);
    CHECK(outcome_of(TransportFailure::lost, "").kind == unknown);
    CHECK(outcome_of(TransportFailure::answer_too_large, "").kind == unknown);
    CHECK_THAT(outcome_of(TransportFailure::never_sent, "no such host").reason,
               Catch::Contains("no such host"));
}
