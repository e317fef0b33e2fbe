// Providers that put one HMAC into one header, alone or beside a time: what differs between them is a row.
#pragma once

#include <span>
#include <string_view>

#include "providers/account_trust.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

struct SignatureHeader {
    std::string_view name;
    Encoding encoding = Encoding::hex;
    std::string_view prefix = {};  // "sha256=": what the signature stands behind
};

// The whole check where the header holds one signature over the parts, one after the other.
Verdict verify_signed(const HmacSecrets& secrets, const SignatureHeader& header, const Received& received,
                      HmacSecrets::Parts parts, Timestamp now);

// Where all that is signed is the body.
Verdict verify_signed_body(const HmacSecrets& secrets, const SignatureHeader& header,
                           const Received& received, Timestamp now);

// The sample with the signature over the parts in its header. The settings and the secret must be good.
Result<Delivery> deliver_signed(const Sample& sample, const SignatureHeader& header, crypto::HmacHash hash,
                                const Secret& secret, HmacSecrets::Parts parts);

// The same for who signs the body alone. `provider` judges settings and secret.
Result<Delivery> deliver_signed_body(const Provider& provider, const SignatureHeader& header,
                                     crypto::HmacHash hash, std::string_view settings, const Secret& secret,
                                     const Sample& sample);

// A refused proof that covers the URL says for which one it should have been: a wrong setting is then seen.
// Without what may be secret in it.
Verdict with_url_told(Verdict verdict, std::string_view url);

// The URL that a sample is signed with: the source's setting, else where it will be sent.
Result<std::string_view> signed_url(const Trust& trust, const Sample& sample);

}  // namespace tollgate::providers
