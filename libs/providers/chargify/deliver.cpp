#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "providers/chargify/chargify.hpp"
#include "providers/form.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::chargify {

Secret make_secret() {
    return make_hex_secret(20);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    auto delivery = deliver_signed_body(provider(), {.name = "X-Chargify-Webhook-Signature-Hmac-Sha-256"},
                                        crypto::HmacHash::sha256, settings, secret, sample);
    if (!delivery) return delivery;
    delivery->headers.set("Content-Type", "application/x-www-form-urlencoded");
    delivery->headers.set("X-Chargify-Webhook-Id", FormFields{sample.body}.optional("id").value_or(""));
    const Secret md5_text{secret.reveal() + std::string{sample.body}};
    delivery->headers.set("X-Chargify-Webhook-Signature", crypto::hex_encode(crypto::md5(md5_text.reveal())));
    return delivery;
}

}  // namespace tollgate::providers::chargify
