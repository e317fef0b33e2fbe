#include "delivery/provider_name.hpp"

#include <algorithm>
#include <array>

#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

struct Spelling {
    std::string_view provider;
    std::string_view name;
};

// Those that a capital letter in front does not make right.
constexpr auto spellings = std::to_array<Spelling>({
    {"gocardless", "GoCardless"},
    {"lemonsqueezy", "Lemon Squeezy"},
    {"paypal", "PayPal"},
    {"revenuecat", "RevenueCat"},
    {"school", "School gateway"},
    {"sendgrid", "SendGrid"},
    {"standard_webhooks", "Webhook"},
    {"generic", "Webhook"},
    {"woocommerce", "WooCommerce"},
});

}  // namespace

std::string provider_name(const v1::PaymentEvent& event) {
    const auto* const spelling = std::ranges::find(spellings, event.provider(), &Spelling::provider);
    if (spelling != spellings.end()) return std::string{spelling->name};
    std::string name = quoted(event.provider(), 40);
    std::ranges::replace(name, '_', ' ');
    if (!name.empty() && name.front() >= 'a' && name.front() <= 'z')
        name.front() = static_cast<char>(name.front() - 32);
    return name;
}

}  // namespace tollgate::delivery
