// Mollie. The newer webhooks are signed (HMAC-SHA256 of the body, hexadecimal; the header may come several
// times). The classic ones are not: they name a payment, which is fetched back from Mollie with the API key,
// and what is kept as the event is the payment as it is then, and each of its refunds and chargebacks. Their
// ids and states are what makes them the same.
//
// Settings: "account" (the profile, pfl_...). A secret of the form of an API key (live_..., test_...,
// access_...) is one; any other is a signing secret. Classic requests need the one, signed ones the other.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::mollie {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::mollie
