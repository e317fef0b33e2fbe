// The trust of providers that sign the body with a secret and no time: secrets, and the account that a source
// is pinned to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

struct AccountTrust final : Trust {
    AccountTrust(HmacSecrets prepared, std::optional<std::string> pinned)
        : secrets{std::move(prepared)}, account{std::move(pinned)} {}

    HmacSecrets secrets;
    std::optional<std::string> account;
};

// With the one setting "account"; HMAC-SHA256.
Result<std::shared_ptr<const Trust>> make_account_trust(std::string_view settings,
                                                        std::span<const SourceSecret> secrets, KeyOf key_of);

// Nothing if the source is pinned to no account, or to this one. `where` is where the sender names it.
std::optional<Refused> other_account(const std::optional<std::string>& pinned,
                                     const std::optional<std::string>& sent, std::string_view where);

}  // namespace tollgate::providers
