#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "providers/razorpay/razorpay.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::razorpay {

Secret make_secret() {
    return Secret{crypto::hex_encode(crypto::random_bytes(20))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto signature = crypto::hmac(crypto::HmacHash::sha256, secret, sample.body);
    if (!signature) return std::unexpected{signature.error()};
    Delivery delivery = delivery_of(sample, "application/json");
    if (!delivery.headers.contains("X-Razorpay-Event-Id")) {
        delivery.headers.add("X-Razorpay-Event-Id", id_from_body(sample.body));
    }
    delivery.headers.set("X-Razorpay-Signature", crypto::hex_encode(*signature));
    return delivery;
}

}  // namespace tollgate::providers::razorpay
