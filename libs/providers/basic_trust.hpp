// The trust of providers that sign nothing and are told a user and a password: HTTP's basic authentication.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "providers/provider.hpp"
#include "providers/sent_secret.hpp"

namespace tollgate::providers {

struct BasicTrust final : Trust {
    SentSecrets passwords;
    std::string user;
};

// With the one setting "user", "tollgate" unless it is set; the secrets are passwords.
Result<std::shared_ptr<const Trust>> make_basic_trust(std::string_view settings,
                                                      std::span<const SourceSecret> secrets);
Verdict verify_basic(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Result<Delivery> deliver_basic(std::string_view settings, const Secret& secret, const Sample& sample,
                               Timestamp now);

}  // namespace tollgate::providers
