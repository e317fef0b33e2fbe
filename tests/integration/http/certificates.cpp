#include "certificates.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace tollgate::test {

namespace {

constexpr long valid_seconds = 3600;

template <typename Write>
void write_file(const std::string& path, Write write) {
    // Beside it and renamed, as certificates are renewed in production: no reader sees half a file.
    const std::string beside = path + ".new";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(beside.c_str(), "w"), &std::fclose};
    if (!file || write(file.get()) != 1 || std::fflush(file.get()) != 0) {
        throw std::runtime_error{path + " cannot be written"};
    }
    std::filesystem::rename(beside, path);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) throw std::runtime_error{"no extension " + value};
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace

Authority::Authority() : key_{EVP_EC_gen("P-256"), &EVP_PKEY_free}, certificate_{nullptr, &X509_free} {
    certificate_ = make(key_.get(), "Tollgate test authority", {}, true);
    write_file(ca_file(), [&](std::FILE* file) { return PEM_write_X509(file, certificate_.get()); });
}

Authority::Files Authority::issue(const std::string& file_name, const std::string& alternative_name) {
    const Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const Certificate certificate = make(key.get(), file_name, alternative_name, false);
    const Files files{folder_.path() / (file_name + ".pem"), folder_.path() / (file_name + ".key")};
    write_file(files.key, [&](std::FILE* file) {
        return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    write_file(files.certificate, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
    return files;
}

Authority::Certificate Authority::make(EVP_PKEY* key, const std::string& name,
                                       const std::string& alternative_name, bool is_ca) {
    Certificate certificate{X509_new(), &X509_free};
    X509* raw = certificate.get();
    X509* issuer = is_ca ? raw : certificate_.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), serial_++);
    X509_gmtime_adj(X509_getm_notBefore(raw), -valid_seconds);
    X509_gmtime_adj(X509_getm_notAfter(raw), valid_seconds);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(raw, X509_get_subject_name(issuer));
    X509_set_pubkey(raw, key);
    add_extension(raw, issuer, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (!alternative_name.empty()) add_extension(raw, issuer, NID_subject_alt_name, alternative_name);
    if (X509_sign(raw, key_.get(), EVP_sha256()) == 0)
        throw std::runtime_error{"a certificate cannot be signed"};
    return certificate;
}

}  // namespace tollgate::test
