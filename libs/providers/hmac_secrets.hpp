// A source's secrets, each prepared as an HMAC key with the period in which it is valid.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "crypto/hmac.hpp"
#include "providers/dated_key.hpp"
#include "providers/proof_header.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

// "secret 0190...: begins with sk_ ..."; of one that is not stored yet and has no id, "the secret begins
// ...".
std::unexpected<Error> not_a_secret(const SourceSecret& secret, std::string_view why);

// What a vendor shows and somebody pastes: not empty, no white space at either end, no control characters.
Result<void> check_pasted(const SourceSecret& secret);

// The key of a secret, or why it cannot be one.
using KeyOf = Result<Secret> (*)(const SourceSecret& secret);
Result<Secret> as_pasted(const SourceSecret& secret);

class HmacSecrets {
public:
    static Result<HmacSecrets> make(crypto::HmacHash hash, std::span<const SourceSecret> secrets,
                                    KeyOf key_of = as_pasted);

    crypto::HmacHash hash() const { return hash_; }
    bool any_valid_at(Timestamp now) const { return providers::any_valid_at(keys_, now); }
    std::size_t size() const { return keys_.size(); }

    using Parts = std::span<const std::string_view>;

    // By which of the secrets that are valid now the parts, one after the other, are signed with one of these
    // signatures (raw bytes).
    std::optional<Uuid> signer(Parts parts, std::span<const std::string> signatures, Timestamp now) const;

private:
    explicit HmacSecrets(crypto::HmacHash hash) : hash_{hash} {}

    crypto::HmacHash hash_;
    std::vector<DatedKey<crypto::HmacKey>> keys_;
};

// No secret is valid now: how many there are, and that none is for this time.
Refused no_secret(std::size_t secrets);

}  // namespace tollgate::providers
