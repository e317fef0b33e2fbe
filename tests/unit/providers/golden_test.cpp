// Each sample as the payment event that is made of it.
#include "golden.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;

namespace {

// As it comes in and is stored, with a secret of the source's own.
events::PaymentEvent received_and_normalised(const Provider& provider, const Sample& sample) {
    const std::string_view settings =
        provider.name == "generic"
            ? R"({"id": "/id", "type": "/type", "time": "/time", "account": "/account"})"
            : "{}";
    const Secret secret = provider.make_secret();
    const Request request = sent(provider, settings, secret.reveal(), sample);
    const Item event = item(provider, *trust(provider, settings, {secret.reveal()}), request);
    const auto normalised =
        normalise(provider, {.source = "golden",
                             .settings = settings,
                             .type = event.type,
                             .event_id = event.event_id.value_or(""),
                             .account = event.account.value_or(""),
                             .mode = name(event.mode),
                             .subject = event.subject.value_or(""),
                             .ordering_key = event.ordering_key.value_or(""),
                             .time = event.time,
                             .proof = name(sends_its_secret(provider) ? Proof::token : Proof::signature),
                             .content_type = request.headers.get("Content-Type").value_or(""),
                             .body = bytes_of(event, request.body)});
    if (!normalised) FAIL(normalised.error().text());
    return *normalised;
}

void check_golden(std::string_view name) {
    const Provider& provider = testing::provider(name);
    for (const Sample& sample : provider.samples) {
        INFO(provider.name << " " << sample.type);
        check_written(fmt::format("{}/{}", provider.name, sample.type),
                      received_and_normalised(provider, sample));
    }
}

}  // namespace

TEST_CASE("each sample of Stripe is the payment event that is written down for it") {
    check_golden("stripe");
}

TEST_CASE("each sample of Shopify is the payment event that is written down for it") {
    check_golden("shopify");
}

TEST_CASE("each sample of Chargify is the payment event that is written down for it") {
    check_golden("chargify");
}

TEST_CASE("each sample of Razorpay is the payment event that is written down for it") {
    check_golden("razorpay");
}

TEST_CASE("each sample of Resend is the payment event that is written down for it") {
    check_golden("resend");
}

TEST_CASE("each sample of Paddle is the payment event that is written down for it") {
    check_golden("paddle");
}

TEST_CASE("each sample of PayPal is the payment event that is written down for it") {
    check_golden("paypal");
}

TEST_CASE("each sample of GoCardless is the payment event that is written down for it") {
    check_golden("gocardless");
}

TEST_CASE("each sample of Adyen is the payment event that is written down for it") {
    check_golden("adyen");
}

TEST_CASE("each sample of Square is the payment event that is written down for it") {
    check_golden("square");
}

TEST_CASE("each sample of Paystack is the payment event that is written down for it") {
    check_golden("paystack");
}

TEST_CASE("each sample of Chargebee is the payment event that is written down for it") {
    check_golden("chargebee");
}

TEST_CASE("each sample of Mollie is the payment event that is written down for it") {
    check_golden("mollie");
}

TEST_CASE(
    "each sample of the other providers that are read is the payment event that is written down for it") {
    const std::set<std::string_view> above{"stripe",   "shopify",   "chargify",   "razorpay", "resend",
                                           "paddle",   "paypal",    "gocardless", "adyen",    "square",
                                           "paystack", "chargebee", "mollie"};
    for (const Provider* const provider : all()) {
        if (!above.contains(provider->name) && provider->normalise != read_nothing)
            check_golden(provider->name);
    }
}

TEST_CASE("an event of a provider that is not read passes as other, with its body as it came") {
    for (const Provider* const provider : all_that_sign()) {
        if (provider->normalise != read_nothing) continue;
        for (const Sample& sample : provider->samples) {
            INFO(provider->name << " " << sample.type);
            const events::PaymentEvent event = received_and_normalised(*provider, sample);
            CHECK(event.category() == v1::CATEGORY_OTHER);
            CHECK_FALSE(event.unrecognised().data().empty());
            CHECK(event.provider_event_type() == sample.type);
        }
    }
}
