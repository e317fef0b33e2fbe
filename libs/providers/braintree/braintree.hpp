// Braintree: a form with a payload, XML in base64, and signatures of it (HMAC-SHA1 under the SHA-1 of the
// private key), each beside the public key that it belongs to. The question of a new URL, GET with
// bt_challenge, is answered. An event has no id, and no time is a part of what is checked for age: it is
// known by its payload.
//
// Settings: "account" (source-merchant-id). The secret is both API keys: the public one, a colon, the private
// one.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::braintree {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::braintree
