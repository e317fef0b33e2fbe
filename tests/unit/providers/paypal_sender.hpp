// What PayPal is when it sends: an authority of our own, PayPal's certificate of it, and its signature.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "requests.hpp"

namespace tollgate::providers::testing {

inline constexpr std::string_view paypal_url =
    "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-made-0001";
inline constexpr std::string_view paypal_webhook_id = "4JH86294D6297924G";

struct FreeCertificate {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};

struct Certificate {
    std::unique_ptr<EVP_PKEY, FreeCertificate> key{EVP_RSA_gen(2048)};
    std::unique_ptr<X509, FreeCertificate> x509{X509_new()};

    std::string pem() const;
};

// Valid for a day around noon; of nobody: signed by itself, and an authority.
Certificate make_certificate(const std::string& name, const Certificate* by = nullptr);

// A source of PayPal's that trusts the authority, and what PayPal sends to it at noon.
struct Paypal {
    const Provider& provider = testing::provider("paypal");
    Certificate authority = make_certificate("Authority");
    Certificate paypals = make_certificate("messageverificationcerts.paypal.com", &authority);
    std::string chain = paypals.pem() + authority.pem();
    std::string body{sample(provider, "PAYMENT.CAPTURE.COMPLETED").body};

    std::string settings() const;
    std::shared_ptr<const Trust> trust() const {
        return testing::trust(provider, settings(), {paypal_webhook_id});
    }
    // In a transmission of its own for each text.
    Request request_of(std::string_view text, std::string_view time = "2025-11-25T12:00:00Z",
                       std::string_view webhook = paypal_webhook_id) const;
    Request request(std::string_view time = "2025-11-25T12:00:00Z") const { return request_of(body, time); }
    std::string said_of(const Request& sent, const std::string& document, Timestamp now = noon) const;
    std::string said_with(std::string_view header, std::string_view value) const;
};

}  // namespace tollgate::providers::testing
