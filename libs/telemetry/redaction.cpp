#include "telemetry/redaction.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tollgate::telemetry {

namespace {

constexpr std::string_view replacement = "[redacted]";

constexpr auto secret_words = std::to_array<std::string_view>(
    {"secret", "password", "passwd", "token", "authorization", "cookie", "api_key", "apikey", "signature",
     "private_key", "seal_key", "credential"});

// What follows such a prefix, up to a character that no token contains, is a credential.
constexpr auto token_prefixes = std::to_array<std::string_view>(
    {"sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "whpk_", "xoxb-", "xoxp-", "xoxe-", "xapp-",
     "shpat_", "shpss_", "pdl_ntfset_", "re_", "Bearer ", "Basic ", "hooks.slack.com/services/",
     "hooks.slack.com/workflows/"});

// Short prefixes occur inside ordinary words and ids ("pre_order"); a token is longer than those.
constexpr std::size_t shortest_token = 12;

bool belongs_to_token(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '/' || c == '+' ||
           c == '=' || c == '.';
}

bool begins_word(std::string_view text, std::size_t at) {
    return at == 0 || std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0;
}

// The length of the credential that begins right after a prefix at `at`, or 0.
std::size_t token_after_prefix(std::string_view text, std::size_t at, std::size_t& prefix_length) {
    if (!begins_word(text, at)) return 0;
    for (const std::string_view prefix : token_prefixes) {
        if (!text.substr(at).starts_with(prefix)) continue;
        std::size_t end = at + prefix.size();
        while (end < text.size() && belongs_to_token(text[end])) ++end;
        const std::size_t length = end - at - prefix.size();
        if (length < shortest_token) continue;
        prefix_length = prefix.size();
        return length;
    }
    return 0;
}

// In "scheme://user:password@host" the password's length, `at` being where "://" begins.
std::size_t password_in_url(std::string_view text, std::size_t at, std::size_t& password_at) {
    if (!text.substr(at).starts_with("://")) return 0;
    const std::size_t begin = at + 3;
    std::size_t end = begin;
    // A password may itself contain '@' or '/', unescaped by mistake: the last '@' before a blank decides.
    while (end < text.size() && text[end] != ' ' && text[end] != '"' && text[end] != '\n') ++end;
    const std::string_view authority = text.substr(begin, end - begin);
    const std::size_t host = authority.rfind('@');
    if (host == std::string_view::npos) return 0;
    const std::size_t colon = authority.substr(0, host).find(':');
    if (colon == std::string_view::npos) return 0;
    password_at = begin + colon + 1;
    return host - colon - 1;
}

}  // namespace

bool names_a_secret(std::string_view key) {
    std::string lower{key};
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    std::ranges::replace(lower, '-', '_');
    return std::ranges::any_of(secret_words, [&](std::string_view word) { return lower.contains(word); });
}

std::string redact(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t prefix_length = 0;
        if (const std::size_t length = token_after_prefix(text, at, prefix_length); length > 0) {
            out.append(text.substr(at, prefix_length)).append(replacement);
            at += prefix_length + length;
            continue;
        }
        std::size_t password_at = 0;
        if (const std::size_t length = password_in_url(text, at, password_at); length > 0) {
            out.append(text.substr(at, password_at - at)).append(replacement);
            at = password_at + length;
            continue;
        }
        // "password=..." as in a connection string of libpq.
        constexpr std::string_view assignment = "password=";
        if (begins_word(text, at) && text.substr(at).starts_with(assignment)) {
            out.append(assignment).append(replacement);
            at += assignment.size();
            while (at < text.size() && text[at] != ' ' && text[at] != '&' && text[at] != '"') ++at;
            continue;
        }
        out.push_back(text[at++]);
    }
    return out;
}

}  // namespace tollgate::telemetry
