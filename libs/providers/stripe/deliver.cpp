#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "providers/signing.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers::stripe {

Secret make_secret() {
    return Secret{"whsec_" + crypto::hex_encode(crypto::random_bytes(16))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const std::string time = unix_seconds(now);
    const auto signature =
        crypto::hmac(crypto::HmacHash::sha256, secret, fmt::format("{}.{}", time, sample.body));
    if (!signature) return std::unexpected{signature.error()};
    Delivery delivery = delivery_of(sample, "application/json; charset=utf-8");
    delivery.headers.set("Stripe-Signature", fmt::format("t={},v1={}", time, crypto::hex_encode(*signature)));
    return delivery;
}

}  // namespace tollgate::providers::stripe
