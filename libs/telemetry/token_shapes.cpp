#include "telemetry/token_shapes.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tollgate::telemetry {

namespace {

// Short prefixes occur inside ordinary words and ids ("pre_order"); a token is longer than those.
constexpr std::size_t shortest_token = 12;
// No more of a token is looked at to decide that it is one, lest a text of nothing but prefixes take time
// that grows with its square.
constexpr std::size_t looked_at = 32;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool belongs_to_token(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '/' || c == '+' ||
           c == '=' || c == '.' || c == '~';
}

bool is_long(std::string_view value) {
    return value.size() >= shortest_token;
}

// After "Basic " and "Bearer ", which are also how a sentence goes on.
bool is_no_word(std::string_view value) {
    return is_long(value) && (looks_made_up(value) || std::ranges::any_of(value.substr(1), [](char c) {
                                  return std::isupper(static_cast<unsigned char>(c)) != 0;
                              }));
}

// re_8characters_more: Stripe's refunds, which are no secrets, have no second underscore.
bool is_resend_key(std::string_view value) {
    return value.size() >= 8 + shortest_token && value.find('_') == 8 && looks_made_up(value);
}

struct Shape {
    std::string_view prefix;
    bool (*matches)(std::string_view beginning) = is_long;
    bool any_case = false;
};

constexpr auto shapes = std::to_array<Shape>({
    // Ours, of operators
    {.prefix = "tgo_"},
    // Stripe, Standard Webhooks
    {.prefix = "sk_live_"},
    {.prefix = "sk_test_"},
    {.prefix = "rk_live_"},
    {.prefix = "rk_test_"},
    {.prefix = "whsec_"},
    {.prefix = "whpk_"},
    {.prefix = "whsk_"},
    // Slack
    {.prefix = "xoxa-"},
    {.prefix = "xoxb-"},
    {.prefix = "xoxc-"},
    {.prefix = "xoxd-"},
    {.prefix = "xoxe-"},
    {.prefix = "xoxe."},
    {.prefix = "xoxp-"},
    {.prefix = "xoxr-"},
    {.prefix = "xoxs-"},
    {.prefix = "xapp-"},
    {.prefix = "hooks.slack.com/services/", .any_case = true},
    {.prefix = "hooks.slack.com/workflows/", .any_case = true},
    {.prefix = "hooks.slack.com/triggers/", .any_case = true},
    // Shopify, Paddle
    {.prefix = "shpat_"},
    {.prefix = "shpca_"},
    {.prefix = "shppa_"},
    {.prefix = "shpss_"},
    {.prefix = "pdl_ntfset_"},
    {.prefix = "pdl_live_apikey_"},
    {.prefix = "pdl_sdbx_apikey_"},
    // Resend, SendGrid
    {.prefix = "re_", .matches = is_resend_key},
    {.prefix = "SG."},
    // GitHub
    {.prefix = "ghp_"},
    {.prefix = "gho_"},
    {.prefix = "ghu_"},
    {.prefix = "ghs_"},
    {.prefix = "ghr_"},
    {.prefix = "github_pat_"},
    // HTTP
    {.prefix = "Bearer ", .matches = is_no_word, .any_case = true},
    {.prefix = "Basic ", .matches = is_no_word, .any_case = true},
});

// Nearly every character of a text begins no prefix, and is then done with at once.
constexpr auto begins_a_shape = [] {
    std::array<bool, 256> begins{};
    for (const Shape& shape : shapes) {
        const auto first = static_cast<unsigned char>(shape.prefix.front());
        begins.at(first) = true;
        if (shape.any_case) begins.at(first ^ 0x20U) = true;  // the same letter in the other case
    }
    return begins;
}();

bool has_prefix(std::string_view text, const Shape& shape) {
    if (!shape.any_case) return text.starts_with(shape.prefix);
    return text.size() >= shape.prefix.size() &&
           std::ranges::equal(text.substr(0, shape.prefix.size()), shape.prefix, {}, lower, lower);
}

std::size_t token_length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, belongs_to_token) - text.begin());
}

}  // namespace

bool looks_made_up(std::string_view value) {
    return value.size() >= 20 || std::ranges::any_of(value, is_digit);
}

Token token_at(std::string_view text, std::size_t at) {
    if (!begins_a_shape.at(static_cast<unsigned char>(text[at]))) return {};
    if (at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0) return {};
    const std::string_view rest = text.substr(at);
    for (const Shape& shape : shapes) {
        if (!has_prefix(rest, shape)) continue;
        const std::string_view behind = rest.substr(shape.prefix.size());
        const std::string_view beginning = behind.substr(0, looked_at);
        if (!shape.matches(beginning.substr(0, token_length(beginning)))) continue;
        return {.prefix = shape.prefix.size(), .secret = token_length(behind)};
    }
    return {};
}

}  // namespace tollgate::telemetry
