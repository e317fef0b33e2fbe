#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "providers/proof_header.hpp"
#include "providers/shopify/shopify.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::shopify {

Secret make_secret() {
    return Secret{"shpss_" + crypto::hex_encode(crypto::random_bytes(16))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto signature = crypto::hmac(crypto::HmacHash::sha256, secret, sample.body);
    if (!signature) return std::unexpected{signature.error()};
    Delivery delivery = delivery_of(sample, "application/json");
    const std::string id = id_from_body(fmt::format("{} {}", sample.type, sample.body));
    const std::string time = to_rfc3339(now);
    const std::initializer_list<http::HeaderField> others{
        {"X-Shopify-Topic", sample.type},     {"X-Shopify-Shop-Domain", "acme-coffee.myshopify.com"},
        {"X-Shopify-API-Version", "2025-10"}, {"X-Shopify-Webhook-Id", id},
        {"X-Shopify-Event-Id", id},           {"X-Shopify-Triggered-At", time}};
    for (const http::HeaderField& field : others) {
        if (!delivery.headers.contains(field.name)) delivery.headers.add(field.name, field.value);
    }
    delivery.headers.set("X-Shopify-Hmac-Sha256", encode_signature(*signature, Encoding::base64));
    return delivery;
}

}  // namespace tollgate::providers::shopify
