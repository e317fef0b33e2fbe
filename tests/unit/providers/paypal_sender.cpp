#include "paypal_sender.hpp"

#include <boost/crc.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"

namespace tollgate::providers::testing {

namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <typename Value>
using Owned = std::unique_ptr<Value, Free>;

void extend(X509* certificate, int what, const char* value) {
    const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, nullptr, what, value)};
    X509_add_ext(certificate, extension.get(), -1);
}

std::string signature_of(const Certificate& by, std::string_view id, std::string_view time,
                         std::string_view webhook, std::string_view body) {
    boost::crc_32_type crc;
    crc.process_bytes(body.data(), body.size());
    const std::string text = fmt::format("{}|{}|{}|{}", id, time, webhook, crc.checksum());
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(by.key.get())), '\0');
    std::size_t length = signature.size();
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, by.key.get()) == 1);
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    return crypto::base64_encode(signature);
}

}  // namespace

std::string Certificate::pem() const {
    const Owned<BIO> bio{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(bio.get(), x509.get());
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(length)};
}

Certificate make_certificate(const std::string& name, const Certificate* by) {
    Certificate made;
    X509* const x509 = made.x509.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), by == nullptr ? 1 : 2);
    const std::int64_t at = noon.time_since_epoch() / std::chrono::seconds{1};
    ASN1_TIME_set(X509_getm_notBefore(x509), at - 43'200);
    ASN1_TIME_set(X509_getm_notAfter(x509), at + 43'200);
    X509_set_pubkey(x509, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(by == nullptr ? x509 : by->x509.get()));
    extend(x509, NID_basic_constraints, by == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    X509_sign(x509, by == nullptr ? made.key.get() : by->key.get(), EVP_sha256());
    return made;
}

std::string Paypal::settings() const {
    return fmt::format(R"({{"roots": {}}})", boost::json::serialize(boost::json::value(authority.pem())));
}

Request Paypal::request_of(std::string_view text, std::string_view time, std::string_view webhook) const {
    const std::string id = "t-" + crypto::hex_encode(crypto::sha256(text));
    return {.headers = {{"PAYPAL-TRANSMISSION-ID", id},
                        {"PAYPAL-TRANSMISSION-TIME", time},
                        {"PAYPAL-TRANSMISSION-SIG", signature_of(paypals, id, time, webhook, text)},
                        {"PAYPAL-CERT-URL", paypal_url},
                        {"PAYPAL-AUTH-ALGO", "SHA256withRSA"},
                        {"Content-Type", "application/json"}},
            .body = std::string{text}};
}

std::string Paypal::said_of(const Request& sent, const std::string& document, Timestamp now) const {
    const Documents documents{{std::string{paypal_url}, {document}}};
    return said(provider.verify(*trust(), sent.received(), now, documents));
}

std::string Paypal::said_with(std::string_view header, std::string_view value) const {
    Request changed = request();
    changed.headers.set(header, value);
    return said_of(changed, chain);
}

}  // namespace tollgate::providers::testing
