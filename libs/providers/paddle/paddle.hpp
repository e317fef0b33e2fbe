// Paddle Billing: one header carries the time and an HMAC-SHA256 for each of the destination's secrets.
// Paddle's own libraries tolerate five seconds, which a queue in a proxy uses up; here it is as with others,
// unless set.
//
// Settings: "tolerance" (seconds). The whole secret signs, pdl_ntfset_ included.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::paddle {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::paddle
