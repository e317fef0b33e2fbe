#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "providers/signing.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"

namespace tollgate::providers::standard_webhooks {

namespace {

constexpr std::size_t secret_bytes = 32;

// "v1,..." with a shared secret, "v1a,..." with a private key: whsk_, and base64 of the seed and the public
// key.
Result<std::string> sign(const Secret& secret, const std::string& text) {
    const std::string_view written = secret.reveal();
    if (written.starts_with("whpk_")) return fail(ErrorCode::invalid, "a public key (whpk_) cannot sign");
    const bool private_key = written.starts_with("whsk_");
    const std::size_t prefix = private_key ? 5 : written.starts_with("whsec_") ? 6 : 0;
    auto bytes = decode_secret(written.substr(prefix));
    if (!bytes) return fail(ErrorCode::invalid, "the secret is {}", bytes.error().detail);
    const Secret key{private_key ? bytes->substr(0, crypto::ed25519_key_bytes) : *bytes};
    const Secret wiped{*std::move(bytes)};
    const auto signature =
        private_key ? crypto::ed25519_sign(key, text) : crypto::hmac(crypto::HmacHash::sha256, key, text);
    if (!signature) return fail(ErrorCode::invalid, "{}", signature.error().detail);
    return fmt::format("{},{}", private_key ? "v1a" : "v1", crypto::base64_encode(*signature));
}

}  // namespace

Secret make_secret() {
    return Secret{"whsec_" + crypto::base64_encode(crypto::random_bytes(secret_bytes))};
}

Result<Delivery> deliver_as(const HeaderNames& names, std::string_view settings, const Secret& secret,
                            const Sample& sample, Timestamp now) {
    if (const auto good = make_trust(settings, {}); !good) return std::unexpected{good.error()};
    Delivery delivery = delivery_of(sample, "application/json");
    add_unless_there(delivery.headers, names.id, "msg_" + id_from_body(sample.body));
    delivery.headers.set(names.timestamp, unix_seconds(now));
    const std::string text =
        fmt::format("{}.{}.{}", *delivery.headers.get(names.id), unix_seconds(now), sample.body);
    const auto signature = sign(secret, text);
    if (!signature) return std::unexpected{signature.error()};
    delivery.headers.set(names.signature, *signature);
    return delivery;
}

}  // namespace tollgate::providers::standard_webhooks
