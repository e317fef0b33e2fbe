#include "support/slack_recorder/slack_request.hpp"

#include <algorithm>
#include <array>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "delivery/slack_limits.hpp"
#include "http/percent.hpp"

namespace tollgate::test {

namespace json = boost::json;

namespace {

std::optional<json::object> object_in(std::string_view text) {
    boost::system::error_code failure;
    json::value value = json::parse(text, failure);
    if (failure || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

// A field that holds JSON is written as JSON, one that is true or false as that.
json::value read_field(std::string_view key, const std::string& value) {
    constexpr auto of_json = std::to_array<std::string_view>(
        {"blocks", "attachments", "metadata", "unfurl_links", "unfurl_media", "reply_broadcast"});
    if (std::ranges::find(of_json, key) == of_json.end()) return json::string{value};
    boost::system::error_code failure;
    json::value parsed = json::parse(value, failure);
    return failure ? json::value(json::string{value}) : parsed;
}

json::object fields_in(std::string_view body) {
    json::object fields;
    for (const auto& [key, value] : http::form_pairs(body)) fields[key] = read_field(key, value);
    return fields;
}

bool is_well_formed(const json::value& metadata) {
    const json::object* object = metadata.if_object();
    if (object == nullptr || object->size() != 2) return false;
    const json::value* type = object->if_contains("event_type");
    const json::value* payload = object->if_contains("event_payload");
    return type != nullptr && type->is_string() && payload != nullptr && payload->is_object();
}

bool is_known(std::string_view member, SlackRoad road) {
    constexpr auto of_both = std::to_array<std::string_view>(
        {"text", "blocks", "attachments", "unfurl_links", "unfurl_media", "mrkdwn"});
    constexpr auto of_web_api = std::to_array<std::string_view>(
        {"channel", "ts", "thread_ts", "reply_broadcast", "metadata", "token"});
    return std::ranges::find(of_both, member) != of_both.end() ||
           (road == SlackRoad::web_api && std::ranges::find(of_web_api, member) != of_web_api.end());
}

}  // namespace

std::optional<json::object> slack_message_of(const http::Request& request, SlackRoad road) {
    const std::string_view type = request.headers.get("Content-Type").value_or("");
    if (type.starts_with("application/json")) return object_in(request.body);
    if (road == SlackRoad::web_api && type.starts_with("application/x-www-form-urlencoded"))
        return fields_in(request.body);
    return std::nullopt;
}

std::string slack_fault_of(const json::object& message, SlackRoad road) {
    const auto unknown =
        std::ranges::find_if(message, [&](const auto& member) { return !is_known(member.key(), road); });
    if (unknown != message.end()) return road == SlackRoad::webhook ? "invalid_payload" : "invalid_arguments";
    const json::value* text = message.if_contains("text");
    const bool has_text = text != nullptr && text->is_string() && !text->get_string().empty();
    // Slack takes blocks alone; then a phone shows nothing.
    if (!has_text) return "no_text";
    const json::value* attachments = message.if_contains("attachments");
    if (attachments != nullptr && attachments->is_array() && attachments->get_array().size() > 100)
        return "too_many_attachments";
    if (text->get_string().size() > 40'000) return "msg_too_long";
    const json::value* metadata = message.if_contains("metadata");
    if (metadata != nullptr && !is_well_formed(*metadata)) return "invalid_metadata_format";
    if (!delivery::slack_violations(json::serialize(message)).empty()) return "invalid_blocks";
    return {};
}

std::vector<std::string> slack_complaints_about(const json::object& message) {
    std::vector<std::string> complaints;
    const std::string all = json::serialize(message);
    for (const std::string_view everybody : {"<!channel", "<!here", "<!everyone"}) {
        if (all.contains(everybody)) complaints.push_back(std::string{everybody} + "> in " + all);
    }
    for (const std::string_view unfolds : {"unfurl_links", "unfurl_media"}) {
        const json::value* said = message.if_contains(unfolds);
        if (said == nullptr || !said->is_bool() || said->get_bool())
            complaints.push_back(std::string{unfolds} + " is not false in " + all);
    }
    return complaints;
}

}  // namespace tollgate::test
