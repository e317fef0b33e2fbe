// Keys of chains of certificates that were looked at before: to verify a chain takes some signatures, and one
// signs thousands of messages.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "crypto/certificate.hpp"

namespace tollgate::crypto {

// Of who is trusted by these roots. Safe from any thread.
class VouchedKeys {
public:
    explicit VouchedKeys(CertificateRoots roots, std::size_t kept_max = 32)
        : roots_{std::move(roots)}, kept_max_{kept_max} {}

    // As CertificateRoots::look_at. A chain is known again by all its bytes, while each certificate of it is
    // valid; what was refused is looked at anew each time.
    Result<PublicKey> key_of(std::string_view pem_chain, std::string_view name_end, Timestamp now);

private:
    const CertificateRoots roots_;
    const std::size_t kept_max_;
    std::mutex mutex_;
    std::map<std::string, Vouched, std::less<>> kept_;  // by a digest of the chain and the end of the name
};

}  // namespace tollgate::crypto
