#include "providers/shopify/shopify.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::shopify {

Secret make_secret() {
    return make_hex_secret(16, "shpss_");
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    auto delivery =
        deliver_signed_body(provider(), {.name = "X-Shopify-Hmac-Sha256", .encoding = Encoding::base64},
                            crypto::HmacHash::sha256, settings, secret, sample);
    if (!delivery) return delivery;
    const std::string id = id_from_body(fmt::format("{} {}", sample.type, sample.body));
    const std::string time = to_rfc3339(now);
    const std::initializer_list<http::HeaderField> others{
        {"X-Shopify-Topic", sample.type},     {"X-Shopify-Shop-Domain", "acme-coffee.myshopify.com"},
        {"X-Shopify-API-Version", "2025-10"}, {"X-Shopify-Webhook-Id", id},
        {"X-Shopify-Event-Id", id},           {"X-Shopify-Triggered-At", time}};
    for (const http::HeaderField& field : others)
        add_unless_there(delivery->headers, field.name, field.value);
    return delivery;
}

}  // namespace tollgate::providers::shopify
