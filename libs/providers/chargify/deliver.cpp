#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "providers/chargify/chargify.hpp"
#include "providers/form.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::chargify {

Secret make_secret() {
    return Secret{crypto::hex_encode(crypto::random_bytes(20))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto signature = crypto::hmac(crypto::HmacHash::sha256, secret, sample.body);
    if (!signature) return std::unexpected{signature.error()};
    Delivery delivery = delivery_of(sample, "application/x-www-form-urlencoded");
    delivery.headers.set("X-Chargify-Webhook-Id", FormFields{sample.body}.optional("id").value_or(""));
    delivery.headers.set("X-Chargify-Webhook-Signature-Hmac-Sha-256", crypto::hex_encode(*signature));
    const Secret md5_text{secret.reveal() + std::string{sample.body}};
    delivery.headers.set("X-Chargify-Webhook-Signature", crypto::hex_encode(crypto::md5(md5_text.reveal())));
    return delivery;
}

}  // namespace tollgate::providers::chargify
