// A certificate authority that lives as long as a test, and files of what it signs.
#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "support/temporary_folder.hpp"

namespace tollgate::test {

class Authority {
public:
    Authority();
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    std::string ca_file() const { return folder_.path() / "ca.pem"; }

    struct Files {
        std::string certificate;
        std::string key;
    };
    // For one name or address ("DNS:localhost", "IP:127.0.0.1"); a second one of the same file name replaces
    // the first.
    Files issue(const std::string& file_name, const std::string& subject_alternative_name);

private:
    using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

    Certificate make(EVP_PKEY* key, const std::string& name, const std::string& alternative_name, bool is_ca);

    TemporaryFolder folder_;
    Key key_;
    Certificate certificate_;
    long serial_ = 1;
};

}  // namespace tollgate::test
