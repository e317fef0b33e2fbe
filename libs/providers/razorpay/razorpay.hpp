// Razorpay: the body is signed (HMAC-SHA256, hexadecimal). The event's id stands in an unsigned header, so an
// event is also known by its body, which holds the time of the event. A retry is signed with the secret of
// when the event was made: after a change keep the old secret valid for a day, and for 15 days where support
// sends again.
//
// Settings: "account" (the merchant, acc_...).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::razorpay {

const Provider& provider();

Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Result<v1::PaymentEvent> normalise(const RawEvent& raw);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::razorpay
