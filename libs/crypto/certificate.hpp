// X.509: the key of whoever a chain of certificates speaks for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "crypto/sha256_signature.hpp"

struct x509_store_st;

namespace tollgate::crypto {

// Whom a chain of certificates speaks for, and while it is valid: all of it.
struct Vouched {
    PublicKey key;
    Timestamp from;
    Timestamp until;  // not any more at this time

    bool is_valid_at(Timestamp now) const { return from <= now && now < until; }
};

// Whom one trusts. Only read after it is made: safe from any thread.
class CertificateRoots {
public:
    static Result<CertificateRoots> of_the_system();
    static Result<CertificateRoots> from_pem(std::string_view pem);

    // The key of the first certificate, if the others lead from it to a root, all are valid at that time and
    // it is a server's whose common name ends so (".paypal.com"). The error says what is wrong.
    Result<Vouched> look_at(std::string_view pem_chain, std::string_view name_end, Timestamp now) const;

private:
    explicit CertificateRoots(std::shared_ptr<x509_store_st> store) : store_{std::move(store)} {}

    std::shared_ptr<x509_store_st> store_;
};

}  // namespace tollgate::crypto
