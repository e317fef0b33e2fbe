// Xendit: nothing is signed; a token that is the account's own is sent along. The id of the webhook stands in
// a header. Older products tell no type: there it is the status, as "PAID".
//
// Settings: "account" (business_id, or user_id of older products).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::xendit {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::xendit
