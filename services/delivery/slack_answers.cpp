#include "delivery/slack_answers.hpp"

#include <algorithm>
#include <array>

namespace tollgate::delivery {

namespace {

using enum OutcomeKind;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view removed =
    "The webhook was removed in Slack, or the app was uninstalled: reconnect Slack.";
constexpr std::string_view bad_blocks = "Slack refused the layout of the message.";
constexpr std::string_view bad_message = "Slack refused the message as malformed: this is a bug of Tollgate.";
constexpr std::string_view too_long = "Slack found the message too long: this is a bug of Tollgate.";
constexpr std::string_view bad_metadata =
    "Slack refused our note about the delivery: this is a bug of Tollgate.";
constexpr std::string_view no_channel =
    "The channel is gone, or the app cannot see it: choose another channel.";
constexpr std::string_view archived =
    "The channel is archived: choose another channel, or restore it in Slack.";
constexpr std::string_view signed_out = "Slack no longer knows the app's token: reconnect Slack.";
constexpr std::string_view not_allowed =
    "The workspace does not let the app post there: ask its administrator, or choose another channel.";
constexpr std::string_view workspace_off = "The workspace is inactive: reconnect Slack with another one.";
constexpr std::string_view scope_missing =
    "The app lacks a permission: reconnect Slack and allow what it asks for.";
constexpr std::string_view slack_down = "Slack has trouble of its own.";
constexpr std::string_view moving = "Slack is moving the workspace into an organisation.";
constexpr std::string_view too_fast = "Slack asks for fewer messages.";
constexpr std::string_view perhaps =
    "Slack failed halfway and does not say whether the message arrived: look in the channel.";
constexpr std::string_view parent_gone = "The thread takes no more replies.";
constexpr std::string_view cannot_change = "Slack does not let the earlier message be changed any more.";

constexpr auto of_webhooks = std::to_array<SlackWord>({
    {"invalid_payload", dead, bad_message, {}, true},
    {"no_text", dead, bad_message, {}, true},
    {"invalid_blocks", retry_as_text, bad_blocks, {}, true},
    {"invalid_blocks_format", retry_as_text, bad_blocks, {}, true},
    {"too_many_attachments", dead, bad_message, {}, true},
    {"user_not_found", dead, "The person whom the webhook wrote to is gone: connect a channel instead."},
    {"action_prohibited", reconnect, not_allowed},
    {"posting_to_general_channel_denied", reconnect,
     "Only some may post to the general channel: choose another channel."},
    {"invalid_token", reconnect, "The webhook's address is not valid (any more): reconnect Slack."},
    {"no_active_hooks", reconnect, "The webhook is switched off in Slack: reconnect Slack."},
    // Once reported under load for a webhook that was well: asked again before anything is switched off.
    {"no_service", confirm, removed, minutes{7}},
    {"no_service_id", confirm, removed, minutes{7}},
    {"no_team", confirm, removed, minutes{7}},
    {"channel_not_found", reconnect, no_channel},
    {"channel_is_archived", reconnect, archived},
    {"team_disabled", reconnect, workspace_off},
    {"rollup_error", retry, slack_down},
});

constexpr auto of_web_api = std::to_array<SlackWord>({
    {"ratelimited", retry, too_fast},
    {"rate_limited", retry, too_fast},
    {"message_limit_exceeded", retry, "The workspace has reached its limit of messages.", minutes{30}},
    {"service_unavailable", retry, slack_down},
    {"request_timeout", retry, slack_down},
    {"team_added_to_org", retry, moving, hours{1}},
    {"org_login_required", retry, moving, hours{1}},
    {"internal_error", unknown, perhaps},
    {"fatal_error", unknown, perhaps},
    {"invalid_auth", reconnect, signed_out},
    {"not_authed", reconnect, signed_out},
    {"account_inactive", reconnect,
     "The app was uninstalled, or its owner was switched off: reconnect Slack."},
    {"token_revoked", reconnect, "The app's token was revoked in Slack: reconnect Slack."},
    {"token_expired", refresh_token,
     "The app's token has expired: reconnect Slack if this does not pass by itself."},
    {"missing_scope", reconnect, scope_missing},
    {"not_allowed_token_type", reconnect, scope_missing},
    {"no_permission", reconnect, scope_missing},
    {"ekm_access_denied", reconnect, not_allowed},
    {"enterprise_is_restricted", reconnect, not_allowed},
    {"team_access_not_granted", reconnect, not_allowed},
    {"access_denied", reconnect, not_allowed},
    {"accesslimited", reconnect, not_allowed},
    {"channel_not_found", reconnect, no_channel},
    {"not_in_channel", reconnect,
     "The app is not in the channel: invite it there in Slack, or choose another channel."},
    {"is_archived", reconnect, archived},
    {"restricted_action", reconnect, not_allowed},
    {"restricted_action_read_only_channel", reconnect, "The channel is read-only: choose another channel."},
    {"restricted_action_thread_only_channel", reconnect,
     "The channel takes only replies in threads: choose another channel."},
    {"restricted_action_non_threadable_channel", reconnect,
     "The channel has no threads: choose another channel."},
    {"messages_tab_disabled", reconnect, "The app takes no direct messages: choose a channel."},
    {"cannot_reply_to_message", retry_top_level, parent_gone},
    {"restricted_action_thread_locked", retry_top_level, parent_gone},
    {"thread_not_found", retry_top_level, parent_gone},
    {"invalid_blocks", retry_as_text, bad_blocks, {}, true},
    {"invalid_blocks_format", retry_as_text, bad_blocks, {}, true},
    {"msg_blocks_too_long", retry_as_text, too_long, {}, true},
    {"msg_too_long", dead, too_long, {}, true},
    {"no_text", dead, bad_message, {}, true},
    {"too_many_attachments", dead, bad_message, {}, true},
    {"attachment_payload_limit_exceeded", retry_as_text, too_long, {}, true},
    {"invalid_metadata_format", dead, bad_metadata, {}, true},
    {"invalid_metadata_schema", dead, bad_metadata, {}, true},
    {"metadata_too_large", dead, bad_metadata, {}, true},
    {"metadata_must_be_sent_from_app", dead, bad_metadata, {}, true},
    {"markdown_text_conflict", dead, bad_message, {}, true},
    {"invalid_arguments", dead, bad_message, {}, true},
    {"invalid_json", dead, bad_message, {}, true},
    {"invalid_charset", dead, bad_message, {}, true},
    {"team_not_found", dead,
     "Slack does not know the workspace that the message was for: check the destination."},
});

// When a message is to be changed; all other words mean what they mean for a new one.
constexpr auto of_updates = std::to_array<SlackWord>({
    {"message_not_found", reply_instead, cannot_change},
    {"cant_update_message", reply_instead, cannot_change},
    {"edit_window_closed", reply_instead, cannot_change},
    {"is_inactive", reply_instead, cannot_change},
    {"update_failed", reply_instead, cannot_change},
});

constexpr auto statuses = std::to_array<SlackStatus>({
    {200, 299, unknown,
     "Something answered that is not Slack: check what stands between, and look in the channel."},
    {300, 399, reconnect,
     "This address leads elsewhere, so it is no webhook of Slack's: enter the webhook's address again."},
    {401, 401, reconnect, signed_out},
    {403, 403, reconnect, not_allowed},
    {408, 408, retry, slack_down},
    {425, 425, retry, slack_down},
    {429, 429, retry, too_fast},
    {404, 404, dead, "Slack finds nothing to post to at this address: check the destination."},
    {400, 499, dead, "Slack refused the message without a reason that we know."},
    {500, 599, retry, slack_down},
    {0, 999, retry, "Something answered that is not HTTP as we know it."},
});

std::optional<SlackWord> find(std::span<const SlackWord> words, std::string_view word) {
    const auto found = std::ranges::find(words, word, &SlackWord::word);
    return found == words.end() ? std::nullopt : std::optional{*found};
}

}  // namespace

std::optional<SlackWord> slack_word(SlackCall call, std::string_view word) {
    if (call == SlackCall::incoming_webhook) return find(of_webhooks, word);
    if (call == SlackCall::update_message) {
        if (auto found = find(of_updates, word)) return found;
    }
    return find(of_web_api, word);
}

const SlackStatus& slack_status(int status) {
    const auto* const found = std::ranges::find_if(
        statuses, [&](const SlackStatus& row) { return row.first <= status && status <= row.last; });
    return found == statuses.end() ? statuses.back() : *found;
}

std::span<const SlackWord> webhook_words() {
    return of_webhooks;
}

std::span<const SlackWord> web_api_words() {
    return of_web_api;
}

std::span<const SlackWord> update_words() {
    return of_updates;
}

}  // namespace tollgate::delivery
