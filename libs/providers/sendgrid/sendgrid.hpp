// SendGrid, its events of e-mails: the time and the body, line feed at the end included, are signed (ECDSA
// P-256). The body is a list of events with an id each. Whether a retry is signed anew is not published, so a
// day and two hours are tolerated.
//
// Settings: "tolerance" (seconds). The secret is the public key that SendGrid shows. With a private key in
// its place (PKCS#8, as one that is made here), samples can be signed.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::sendgrid {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::sendgrid
