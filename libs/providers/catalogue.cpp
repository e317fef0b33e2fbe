#include "providers/catalogue.hpp"

#include <algorithm>
#include <array>

#include "providers/chargify/chargify.hpp"
#include "providers/generic/generic.hpp"
#include "providers/razorpay/razorpay.hpp"
#include "providers/resend/resend.hpp"
#include "providers/school/school.hpp"
#include "providers/shopify/shopify.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers {

std::span<const Provider* const> all() {
    static const std::array<const Provider*, 8> rows{
        &chargify::provider(), &generic::provider(), &razorpay::provider(),          &resend::provider(),
        &school::provider(),   &shopify::provider(), &standard_webhooks::provider(), &stripe::provider()};
    return rows;
}

const Provider* find(std::string_view name) {
    const auto rows = all();
    const auto found = std::ranges::find(rows, name, &Provider::name);
    return found == rows.end() ? nullptr : *found;
}

}  // namespace tollgate::providers
