#include "crypto/certificate.hpp"

#include <algorithm>
#include <ctime>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace tollgate::crypto {

namespace {

constexpr std::size_t chain_max = 8;

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }  // not what is on it
};
template <typename Value>
using Owned = std::unique_ptr<Value, Free>;

Result<std::vector<Owned<X509>>> read(std::string_view pem) {
    const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    if (!bio) throw std::runtime_error{"OpenSSL has no memory for a certificate"};
    std::vector<Owned<X509>> all;
    while (Owned<X509> one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        all.push_back(std::move(one));
        if (all.size() > chain_max) return fail(ErrorCode::invalid, "there are too many certificates");
    }
    ERR_clear_error();
    if (all.empty()) return fail(ErrorCode::invalid, "there is no certificate in PEM");
    return all;
}

// CN, by which an authority vouches for it.
std::string name_of(X509* certificate) {
    std::string text(256, '\0');
    const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), OBJ_txt2nid("CN"),
                                                 text.data(), static_cast<int>(text.size()));
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return text;
}

Timestamp time_of(const ASN1_TIME* time) {
    std::tm broken_down{};
    if (ASN1_TIME_to_tm(time, &broken_down) != 1) throw std::runtime_error{"OpenSSL reads no time"};
    return Timestamp{std::chrono::seconds{timegm(&broken_down)}};
}

Owned<X509_STORE> make_store() {
    Owned<X509_STORE> store{X509_STORE_new()};
    if (!store) throw std::runtime_error{"OpenSSL has no memory for certificates"};
    return store;
}

}  // namespace

Result<CertificateRoots> CertificateRoots::of_the_system() {
    auto store = make_store();
    if (X509_STORE_set_default_paths(store.get()) != 1)
        return fail(ErrorCode::misconfigured, "the system's certificate authorities cannot be read");
    return CertificateRoots{std::shared_ptr<X509_STORE>{std::move(store)}};
}

Result<CertificateRoots> CertificateRoots::from_pem(std::string_view pem) {
    const auto roots = read(pem);
    if (!roots) return std::unexpected{roots.error()};
    auto store = make_store();
    for (const auto& root : *roots) X509_STORE_add_cert(store.get(), root.get());
    return CertificateRoots{std::shared_ptr<X509_STORE>{std::move(store)}};
}

Result<Vouched> CertificateRoots::look_at(std::string_view pem_chain, std::string_view name_end,
                                          Timestamp now) const {
    const auto chain = read(pem_chain);
    if (!chain) return std::unexpected{chain.error()};
    X509* const leaf = chain->front().get();
    const std::string name = name_of(leaf);
    if (!name.ends_with(name_end))
        return fail(ErrorCode::invalid, "the certificate's name does not end with {}", name_end);
    const Owned<STACK_OF(X509)> others{sk_X509_new_null()};
    for (std::size_t i = 1; i < chain->size(); ++i) sk_X509_push(others.get(), (*chain)[i].get());
    const Owned<X509_STORE_CTX> context{X509_STORE_CTX_new()};
    if (!others || !context || X509_STORE_CTX_init(context.get(), store_.get(), leaf, others.get()) != 1)
        throw std::runtime_error{"OpenSSL has no memory for certificates"};
    X509_STORE_CTX_set_time(context.get(), 0,
                            std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    const bool good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    if (!good) {
        return fail(ErrorCode::invalid, "the certificate is not to be believed: {}",
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
    }
    auto key = PublicKey::from(std::shared_ptr<EVP_PKEY>{X509_get_pubkey(leaf), Free{}});
    if (!key) return std::unexpected{key.error()};
    const STACK_OF(X509)* const path = X509_STORE_CTX_get0_chain(context.get());
    Vouched vouched{.key = *std::move(key), .from = Timestamp::min(), .until = Timestamp::max()};
    for (int i = 0; i < sk_X509_num(path); ++i) {
        vouched.from = std::max(vouched.from, time_of(X509_get0_notBefore(sk_X509_value(path, i))));
        vouched.until = std::min(vouched.until, time_of(X509_get0_notAfter(sk_X509_value(path, i))));
    }
    return vouched;
}

}  // namespace tollgate::crypto
