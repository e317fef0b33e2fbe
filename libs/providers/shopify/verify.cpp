#include "providers/shopify/shopify.hpp"
#include "providers/signed_body.hpp"

namespace tollgate::providers::shopify {

std::optional<std::string_view> header(const http::Headers& headers, std::string_view name) {
    if (const auto value = headers.get(fmt::format("Shopify-{}", name))) return value;
    return headers.get(fmt::format("X-Shopify-{}", name));
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& shopify = static_cast<const AccountTrust&>(trust);
    const bool newer = received.headers.contains("Shopify-Hmac-Sha256");
    const SignatureHeader signature{.name = newer ? "Shopify-Hmac-Sha256" : "X-Shopify-Hmac-Sha256",
                                    .encoding = Encoding::base64};
    Verdict verdict = verify_signed_body(shopify.secrets, signature, received, now);
    if (!std::holds_alternative<Verified>(verdict)) return verdict;
    const auto shop = header(received.headers, "Shop-Domain");
    const auto sent = shop ? std::optional<std::string>{*shop} : std::nullopt;
    if (const auto other = other_account(shopify.account, sent, "X-Shopify-Shop-Domain")) return *other;
    return verdict;
}

}  // namespace tollgate::providers::shopify
