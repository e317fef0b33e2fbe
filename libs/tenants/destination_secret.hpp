// What a destination is called with, looked at before it is kept.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "tenants/destination_settings.hpp"

namespace tollgate::tenants {

// Whether a URL may be called from here, by the same rule as when it is called: the name of its host, or in
// words why not. It may ask name servers, so it is not called in a transaction.
using AddressCheck = std::function<Result<std::string>(const std::string& url)>;

// Only `check_secret` makes one, so that no verb keeps what was not checked.
class CheckedSecret {
public:
    DestinationKind kind() const { return kind_; }
    const Secret& value() const { return value_; }
    const std::string& host() const { return host_; }  // empty: the channel's own
    // Tells two of them apart, and nothing else.
    const std::string& fingerprint() const { return fingerprint_; }

private:
    friend Result<CheckedSecret> check_secret(DestinationKind, Secret, const AddressCheck&);
    CheckedSecret(DestinationKind kind, Secret value, std::string host);

    DestinationKind kind_;
    Secret value_;
    std::string host_;
    std::string fingerprint_;
};

// What is given by mistake (a bot's token for a webhook's URL, an app's for a bot's) is named as what it is.
// No error repeats any of the secret but its host.
Result<CheckedSecret> check_secret(DestinationKind kind, Secret value, const AddressCheck& address);

}  // namespace tollgate::tenants
