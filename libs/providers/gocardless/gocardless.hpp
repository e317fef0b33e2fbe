// GoCardless: the body is signed (HMAC-SHA256, hexadecimal) and brings up to 250 events, each with an id of
// its own. No time is signed, so ids are remembered for ever.
//
// Settings: "account" (links.organisation, which only partners' apps are told: each event must name it).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::gocardless {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::gocardless
