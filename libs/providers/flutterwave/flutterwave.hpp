// Flutterwave. Version 4 signs the body (HMAC-SHA256, base64) in Flutterwave-Signature. Version 3 signs
// nothing and sends the secret hash itself in Verif-Hash, so who has seen one request can make others: where
// the signature is there it alone counts, and "signature_only" refuses the token. An event of version 3 has
// no id and is known by its body.
//
// Settings: "signature_only" (false).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::flutterwave {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::flutterwave
