// Recurly, its JSON endpoints (those of XML are not signed): one header carries the time, in milliseconds,
// and an HMAC-SHA256 for each of the endpoint's keys. An id alone is of an object: with what happened, and
// when, it is of an event.
//
// Settings: "tolerance" (seconds), "account" (the site's id).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::recurly {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::recurly
