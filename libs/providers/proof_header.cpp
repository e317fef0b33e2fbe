#include "providers/proof_header.hpp"

#include <utility>

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

namespace tollgate::providers {

std::unexpected<Refused> refuse(Reason reason, std::string_view where, std::string_view what) {
    return std::unexpected{Refused{reason, fmt::format("{}: {}", where, what)}};
}

Checked<std::string_view> proof_header(const http::Headers& headers, std::string_view name,
                                       std::size_t bytes_max) {
    const auto values = headers.all(name);
    if (values.empty()) return refuse(Reason::proof_missing, name, "is not there");
    if (values.size() > 1) {
        return refuse(Reason::proof_malformed, name, fmt::format("is there {} times", values.size()));
    }
    const std::string_view value = values.front();
    if (value.empty()) return refuse(Reason::proof_missing, name, "is empty");
    if (value.size() > bytes_max) {
        return refuse(Reason::proof_malformed, name,
                      fmt::format("has {} bytes, at most {} are read", value.size(), bytes_max));
    }
    return value;
}

std::size_t bytes_of(crypto::HmacHash hash) {
    switch (hash) {
        case crypto::HmacHash::sha1:
            return 20;
        case crypto::HmacHash::sha256:
            return 32;
        case crypto::HmacHash::sha512:
            return 64;
    }
    std::unreachable();
}

Checked<std::string> decode_signature(std::string_view text, Encoding encoding, std::size_t bytes,
                                      std::string_view where) {
    const bool hex = encoding == Encoding::hex;
    const std::size_t expected = hex ? 2 * bytes : (bytes + 2) / 3 * 4;
    if (text.size() != expected) {
        return refuse(Reason::proof_malformed, where,
                      fmt::format("{} characters of {} expected, {} came", expected,
                                  hex ? "lower-case hexadecimal" : "base64", text.size()));
    }
    auto decoded = hex ? crypto::hex_decode(text, crypto::HexCase::lower) : crypto::base64_decode(text);
    if (!decoded) return refuse(Reason::proof_malformed, where, decoded.error().detail);
    return *std::move(decoded);
}

std::string encode_signature(std::string_view bytes, Encoding encoding) {
    return encoding == Encoding::hex ? crypto::hex_encode(bytes) : crypto::base64_encode(bytes);
}

}  // namespace tollgate::providers
