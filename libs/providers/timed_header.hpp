// Providers that put a time and signatures into one header, by name: "t=1700000000,v1=5257a8...". Signed are
// the time as it is written, a joint and the body.
#pragma once

#include <chrono>
#include <string_view>

#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"
#include "providers/signature_parts.hpp"

namespace tollgate::providers {

struct TimedHeader {
    std::string_view name;
    PartNames parts;
    std::string_view joint;
    std::string_view content_type = "application/json";
};

Verdict verify_timed(const HmacSecrets& secrets, const TimedHeader& header, std::chrono::seconds tolerance,
                     const Received& received, Timestamp now);

// `provider` judges settings and secret, and the text of the secret signs.
Result<Delivery> deliver_timed(const Provider& provider, const TimedHeader& header, std::string_view settings,
                               const Secret& secret, const Sample& sample, Timestamp now);

}  // namespace tollgate::providers
