// The trust of providers that sign with a shared secret: secrets, the account that a source is pinned to, and
// what else the shape of their proof needs.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "providers/event_places.hpp"
#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers {

// Which settings there are beside none, and what the secrets are keys of.
struct TrustShape {
    crypto::HmacHash hash = crypto::HmacHash::sha256;
    bool account = true;                              // "account"
    std::optional<std::chrono::seconds> tolerance{};  // "tolerance", and what it is unless it is set
    std::chrono::seconds tolerance_limit = tolerance_max;
    bool url = false;      // "url", in place of the one that the request came by
    bool capture = false;  // "capture": "automatic" or "manual", which only normalise looks at
};

struct AccountTrust final : Trust {
    explicit AccountTrust(HmacSecrets prepared) : secrets{std::move(prepared)} {}

    bool needs_url() const override { return signs_url && !url; }
    // The URL that is signed.
    std::string_view url_of(const Received& received) const { return url ? *url : received.url; }

    HmacSecrets secrets;
    std::optional<std::string> account;
    std::chrono::seconds tolerance{};
    bool signs_url = false;
    std::optional<std::string> url;
};

Result<std::shared_ptr<const Trust>> make_account_trust(std::string_view settings,
                                                        std::span<const SourceSecret> secrets, KeyOf key_of,
                                                        const TrustShape& shape = {});

// Nothing if the source is pinned to no account, or to this one. `where` is where the sender names it.
std::optional<Refused> other_account(const std::optional<std::string>& pinned,
                                     const std::optional<std::string>& sent, std::string_view where);

// The verdict, unless the source is pinned to an account and the body, JSON, names another one at the first
// of these places that is there.
Verdict with_account_in(Verdict verdict, const std::optional<std::string>& pinned, std::string_view body,
                        const Pointers& places);

}  // namespace tollgate::providers
