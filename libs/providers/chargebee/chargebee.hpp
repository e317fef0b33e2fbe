// Chargebee: nothing is signed; it is told a user and a password. An event has an id and a time.
//
// Settings: "user" (tollgate). The secret is the password.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::chargebee {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::chargebee
