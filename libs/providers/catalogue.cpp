#include "providers/catalogue.hpp"

#include <algorithm>
#include <array>

#include "providers/adyen/adyen.hpp"
#include "providers/braintree/braintree.hpp"
#include "providers/chargebee/chargebee.hpp"
#include "providers/chargify/chargify.hpp"
#include "providers/flutterwave/flutterwave.hpp"
#include "providers/generic/generic.hpp"
#include "providers/github/github.hpp"
#include "providers/gocardless/gocardless.hpp"
#include "providers/lemon_squeezy/lemon_squeezy.hpp"
#include "providers/mollie/mollie.hpp"
#include "providers/paddle/paddle.hpp"
#include "providers/paypal/paypal.hpp"
#include "providers/paystack/paystack.hpp"
#include "providers/postmark/postmark.hpp"
#include "providers/razorpay/razorpay.hpp"
#include "providers/recurly/recurly.hpp"
#include "providers/resend/resend.hpp"
#include "providers/school/school.hpp"
#include "providers/sendgrid/sendgrid.hpp"
#include "providers/shopify/shopify.hpp"
#include "providers/slack/slack.hpp"
#include "providers/square/square.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"
#include "providers/stripe/stripe.hpp"
#include "providers/twilio/twilio.hpp"
#include "providers/xendit/xendit.hpp"

namespace tollgate::providers {

std::span<const Provider* const> all() {
    static const auto rows = std::to_array<const Provider*>({
        &adyen::provider(),
        &braintree::provider(),
        &chargebee::provider(),
        &chargify::provider(),
        &flutterwave::provider(),
        &generic::provider(),
        &github::provider(),
        &gocardless::provider(),
        &lemon_squeezy::provider(),
        &mollie::provider(),
        &paddle::provider(),
        &paypal::provider(),
        &paystack::provider(),
        &postmark::provider(),
        &razorpay::provider(),
        &recurly::provider(),
        &resend::provider(),
        &school::provider(),
        &sendgrid::provider(),
        &shopify::provider(),
        &slack::provider(),
        &square::provider(),
        &standard_webhooks::provider(),
        &stripe::provider(),
        &twilio::provider(),
        &xendit::provider(),
    });
    return rows;
}

const Provider* find(std::string_view name) {
    const auto rows = all();
    const auto found = std::ranges::find(rows, name, &Provider::name);
    return found == rows.end() ? nullptr : *found;
}

}  // namespace tollgate::providers
