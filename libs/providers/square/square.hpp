// Square: the notification URL and the body, one behind the other, are signed (HMAC-SHA256, base64). The URL
// is the one that was told to Square, to the byte: set "url" where requests come by another, as behind a
// proxy that changes the path. The older X-Square-Signature, with SHA-1, is not looked at. The mode stands in
// a header that is not signed.
//
// Settings: "account" (the merchant), "url". The secret is the signature key of the subscription.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::square {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::square
