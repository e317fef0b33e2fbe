// Lemon Squeezy: the body is signed (HMAC-SHA256, hexadecimal). An event has no id and no time is signed: an
// event is known by its body, which holds when its object last changed, for ever.
//
// Settings: "account" (the number of the store).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::lemon_squeezy {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::lemon_squeezy
