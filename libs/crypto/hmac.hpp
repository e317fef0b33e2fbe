// HMAC (RFC 2104) with a key that is prepared once: a message then costs a copy of the prepared state and not
// the hashing of the key. The results are raw bytes; compare them with constant_time_equal.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

struct evp_mac_ctx_st;

namespace tollgate::crypto {

enum class HmacHash { sha1, sha256, sha512 };

// Copies share the prepared state, which is only read: cheap to copy, and safe to sign with from any thread.
class HmacKey {
public:
    // An empty key is refused: anybody can compute its HMAC, so it would prove nothing.
    static Result<HmacKey> make(HmacHash hash, const Secret& key);

    std::string sign(std::string_view message) const { return sign({message}); }

    // Over the parts one after the other, so that "timestamp.body" need not be put together first.
    std::string sign(std::initializer_list<std::string_view> parts) const {
        return sign(std::span{parts.begin(), parts.size()});
    }
    std::string sign(std::span<const std::string_view> parts) const;

private:
    explicit HmacKey(std::shared_ptr<evp_mac_ctx_st> prepared) : prepared_{std::move(prepared)} {}

    std::shared_ptr<evp_mac_ctx_st> prepared_;
};

// For a key that is used once.
Result<std::string> hmac(HmacHash hash, const Secret& key, std::string_view message);

}  // namespace tollgate::crypto
