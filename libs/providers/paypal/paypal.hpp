// PayPal: id and time of the transmission, the id of the webhook and a checksum of the body are signed (RSA
// with SHA-256), by the key of a certificate that a header says where to find. It is fetched only from
// PayPal's own hosts, and believed only if it leads to an authority that is trusted, is valid now and is
// PayPal's by name. The webhook's id, which PayPal shows, takes the place of a secret: without it anybody's
// webhook would do.
//
// Settings: "tolerance" (seconds; whether a retry is signed anew is not published, so it is four days),
// "account" (resource.payee.merchant_id), "roots" (certificates in PEM, to be trusted in place of the
// system's).
#pragma once

#include <span>
#include <string_view>

#include "crypto/sha256_signature.hpp"
#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::paypal {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

// The step of the check that needs no certificate.
bool is_signed(const crypto::PublicKey& key, std::string_view id, std::string_view time,
               std::string_view webhook_id, std::string_view body, std::string_view signature);

}  // namespace tollgate::providers::paypal
