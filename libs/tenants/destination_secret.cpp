#include "tenants/destination_secret.hpp"

#include <algorithm>
#include <array>

#include "crypto/digest.hpp"
#include "crypto/hex.hpp"

namespace tollgate::tenants {

namespace {

constexpr std::size_t secret_bytes_max = 2'000;
constexpr std::size_t fingerprint_bytes = 4;

struct Mistake {
    std::string_view prefix;
    std::string_view what;
};

// In the order of looking: the first that fits names it.
constexpr std::array slack_tokens{
    Mistake{"xoxp-", "a person's token, which posts in that person's name"},
    Mistake{"xapp-", "an app's own token, which cannot post"},
    Mistake{"xoxe.", "a token that ends after 12 hours: switch token rotation off in the app's settings"},
    Mistake{"xoxe-", "a refresh token, which cannot post"},
    Mistake{"xoxa-", "a token of an old kind"},
    Mistake{"xoxs-", "a token of an old kind"},
    Mistake{"xoxr-", "a refresh token, which cannot post"},
};

constexpr std::string_view bot_prefix = "xoxb-";
constexpr std::string_view where_tokens_are =
    "a bot's token begins with xoxb- and is in the app's settings in Slack, under OAuth & Permissions";
constexpr std::string_view where_webhooks_are =
    "a webhook's URL begins with https://hooks.slack.com/services/ and is in the app's settings in Slack, "
    "under Incoming Webhooks";

bool is_url(std::string_view text) {
    return text.contains("://");
}

// One line of what can stand in a URL or a token.
Result<void> check_characters(std::string_view text) {
    if (text.empty()) return fail(ErrorCode::invalid, "the secret is empty");
    if (text.size() > secret_bytes_max) {
        return fail(ErrorCode::invalid, "the secret has {} bytes, and at most {} are kept", text.size(),
                    secret_bytes_max);
    }
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; })) {
        return fail(ErrorCode::invalid,
                    "the secret has blanks, line feeds or other characters in it that no URL or token has: "
                    "give it alone, on one line");
    }
    return {};
}

Result<void> check_token(std::string_view text) {
    if (is_url(text)) {
        return fail(ErrorCode::invalid,
                    "this is a URL, and a bot's token is wanted: {}; for a webhook's URL the kind is "
                    "slack-webhook",
                    where_tokens_are);
    }
    for (const Mistake& mistake : slack_tokens) {
        if (text.starts_with(mistake.prefix))
            return fail(ErrorCode::invalid, "this is {}: {}", mistake.what, where_tokens_are);
    }
    const std::string_view rest = text.starts_with(bot_prefix) ? text.substr(bot_prefix.size()) : "";
    const bool plain = std::ranges::all_of(rest, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (rest.empty() || !plain)
        return fail(ErrorCode::invalid, "this is no bot's token: {}", where_tokens_are);
    return {};
}

// Those of Slack's own hosts that are no webhooks are known by their paths; who stands between us and Slack,
// or answers like Slack, has paths of its own.
Result<void> check_slack_path(std::string_view url, std::string_view host) {
    const bool hooks = host == "hooks.slack.com" || host == "hooks.slack-gov.com";
    const bool of_slack = hooks || host == "slack.com" || host.ends_with(".slack.com");
    if (!of_slack) return {};
    const std::string_view after_scheme = url.substr(url.find("://") + 3);
    const std::size_t slash = after_scheme.find('/');
    const std::string_view path = slash == std::string_view::npos ? "/" : after_scheme.substr(slash);
    if (hooks && (path.starts_with("/triggers/") || path.starts_with("/workflows/"))) {
        return fail(ErrorCode::invalid, "this starts a workflow in Slack, and a webhook is wanted: {}",
                    where_webhooks_are);
    }
    constexpr std::string_view services = "/services/";
    const std::string_view parts = path.starts_with(services) ? path.substr(services.size()) : "";
    const bool three = std::ranges::count(parts, '/') == 2 && !parts.starts_with('/') &&
                       !parts.ends_with('/') && !parts.contains("//");
    if (!hooks || !three) {
        return fail(ErrorCode::invalid, "this address of {} is no webhook's, or not all of it: {}", host,
                    where_webhooks_are);
    }
    return {};
}

Result<std::string> check_url(const std::string& url, const AddressCheck& address) {
    if (!is_url(url)) {
        const bool token =
            url.starts_with(bot_prefix) || std::ranges::any_of(slack_tokens, [&](const Mistake& mistake) {
                return url.starts_with(mistake.prefix);
            });
        return fail(ErrorCode::invalid, "this is {}, and a webhook's URL is wanted: {}{}",
                    token ? "a token" : "no URL", where_webhooks_are,
                    token ? "; for a bot's token the kind is slack-bot" : "");
    }
    auto host = address(url);
    if (!host) return host;
    if (const auto fit = check_slack_path(url, *host); !fit) return std::unexpected{fit.error()};
    return host;
}

}  // namespace

CheckedSecret::CheckedSecret(DestinationKind kind, Secret value, std::string host)
    : kind_{kind},
      value_{std::move(value)},
      host_{std::move(host)},
      fingerprint_{crypto::hex_encode(crypto::sha256(value_.reveal()).substr(0, fingerprint_bytes))} {}

Result<CheckedSecret> check_secret(DestinationKind kind, Secret value, const AddressCheck& address) {
    const std::string& text = value.reveal();
    if (const auto fit = check_characters(text); !fit) return std::unexpected{fit.error()};
    if (kind == DestinationKind::slack_bot) {
        if (const auto fit = check_token(text); !fit) return std::unexpected{fit.error()};
        return CheckedSecret{kind, std::move(value), {}};
    }
    auto host = check_url(text, address);
    if (!host) return std::unexpected{host.error()};
    return CheckedSecret{kind, std::move(value), std::move(*host)};
}

}  // namespace tollgate::tenants
