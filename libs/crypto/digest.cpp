#include "crypto/digest.hpp"

#include <stdexcept>

#include <openssl/evp.h>

namespace tollgate::crypto {

namespace {

// Fetched once, because looking an algorithm up costs more than hashing a kilobyte; never freed, because
// OpenSSL's own clean-up at exit may come first.
const EVP_MD* fetch(const char* name) {
    const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    if (algorithm == nullptr) throw std::runtime_error{std::string{"OpenSSL does not offer "} + name};
    return algorithm;
}

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
                   algorithm, nullptr) != 1) {
        throw std::runtime_error{"OpenSSL could not compute a digest"};
    }
    return out;
}

}  // namespace

std::string sha256(std::string_view bytes) {
    static const EVP_MD* const algorithm = fetch("SHA256");
    return digest(algorithm, bytes);
}

std::string sha512(std::string_view bytes) {
    static const EVP_MD* const algorithm = fetch("SHA512");
    return digest(algorithm, bytes);
}

std::string sha1(std::string_view bytes) {
    static const EVP_MD* const algorithm = fetch("SHA1");
    return digest(algorithm, bytes);
}

std::string md5(std::string_view bytes) {
    static const EVP_MD* const algorithm = fetch("MD5");
    return digest(algorithm, bytes);
}

}  // namespace tollgate::crypto
