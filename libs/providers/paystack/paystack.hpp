// Paystack: the body is signed (HMAC-SHA512, hexadecimal) with the API secret key. An event has no id and no
// time is signed: an event is known by its body, which is the same when it is sent again, for ever.
//
// No settings. The secret is the key itself, sk_live_... or sk_test_..., and a source takes what either
// signs.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::paystack {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::paystack
