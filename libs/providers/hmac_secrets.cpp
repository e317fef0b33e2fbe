#include "providers/hmac_secrets.hpp"

#include <algorithm>
#include <utility>

#include "crypto/constant_time.hpp"

namespace tollgate::providers {

namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::unexpected<Error> not_a_secret(const SourceSecret& secret, std::string_view why) {
    if (secret.id == Uuid{}) return fail(ErrorCode::invalid, "the secret {}", why);
    return fail(ErrorCode::invalid, "secret {}: {}", secret.id, why);
}

Result<void> check_pasted(const SourceSecret& secret) {
    const std::string& text = secret.value.reveal();
    if (text.empty()) return not_a_secret(secret, "is empty, so anybody could sign");
    if (text.front() == ' ' || text.back() == ' ' || std::ranges::any_of(text, is_control)) {
        return not_a_secret(secret, "has white space around it, or a line feed in it: paste it without");
    }
    return {};
}

Result<Secret> as_pasted(const SourceSecret& secret) {
    if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
    return secret.value;
}

Result<HmacSecrets> HmacSecrets::make(crypto::HmacHash hash, std::span<const SourceSecret> secrets,
                                      KeyOf key_of) {
    HmacSecrets made{hash};
    for (const SourceSecret& secret : secrets) {
        const auto bytes = key_of(secret);
        if (!bytes) return std::unexpected{bytes.error()};
        auto key = crypto::HmacKey::make(hash, *bytes);
        if (!key) return not_a_secret(secret, key.error().detail);
        made.keys_.emplace_back(secret, *std::move(key));
    }
    return made;
}

std::optional<Uuid> HmacSecrets::signer(Parts parts, std::span<const std::string> signatures,
                                        Timestamp now) const {
    for (const auto& key : keys_) {
        if (!is_valid_at(key, now)) continue;
        const std::string right = key.key.sign(parts);
        for (const std::string& offered : signatures) {
            if (crypto::constant_time_equal(right, offered)) return key.id;
        }
    }
    return std::nullopt;
}

Refused no_secret(std::size_t secrets) {
    return {Reason::no_secret, secrets == 0
                                   ? std::string{"the source has no secret"}
                                   : fmt::format("none of the source's {} secrets is valid now", secrets)};
}

}  // namespace tollgate::providers
