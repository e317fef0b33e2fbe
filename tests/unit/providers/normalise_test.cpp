// What holds for the events of every provider.
#include <catch2/catch.hpp>

#include "normalised.hpp"
#include "requests.hpp"

using Catch::Contains;
using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;

namespace {

std::string_view body_of(const Provider& provider) {
    return provider.name == "chargify" ? "event=moon_phase&id=1" : R"({"type": "moon.phase", "n": 1e400})";
}

}  // namespace

TEST_CASE("what is known of any event is in every payment event") {
    for (const Provider* provider : all()) {
        INFO(provider->name);
        const auto event = normalise(*provider, {.source = "main",
                                                 .settings = "{}",
                                                 .type = "moon.phase",
                                                 .event_id = "evt_7",
                                                 .account = "acct_7",
                                                 .mode = "test",
                                                 .subject = "sub_7",
                                                 .ordering_key = "cus_7",
                                                 .time = noon + std::chrono::microseconds{1},
                                                 .proof = "token",
                                                 .content_type = "text/x-moon",
                                                 .body = body_of(*provider)});
        REQUIRE(event.has_value());
        CHECK(event->provider() == provider->name);
        CHECK(event->provider_event_type() == "moon.phase");
        CHECK(event->provider_event_id() == "evt_7");
        CHECK(event->account() == "acct_7");
        CHECK(event->source() == "main");
        CHECK(event->mode() == v1::MODE_TEST);
        CHECK(event->subject().id() == "sub_7");
        CHECK(event->ordering_key() == "cus_7");
        CHECK(event->proof() == v1::PROOF_SHARED_TOKEN);
        CHECK(event->provider_time().seconds() == 1'764'072'000);
        CHECK(event->provider_time().nanos() == 1000);
    }
}

TEST_CASE("an event of an unknown type passes as other, with its body as it came") {
    for (const Provider* provider : all()) {
        INFO(provider->name);
        const auto event = event_of(provider->name, "moon.phase", body_of(*provider));
        CHECK(event.category() == v1::CATEGORY_OTHER);
        CHECK(event.fact() == v1::FACT_UNSPECIFIED);
        CHECK(event.unrecognised().data() == body_of(*provider));
        CHECK(event.unrecognised().content_type() == "application/json");
    }
}

TEST_CASE("bytes that are no text at all pass where the provider's body is not known to be JSON") {
    const std::string bytes = "\xff\xfe\x01 moon";
    CHECK(event_of("standard_webhooks", "message", bytes).unrecognised().data() == bytes);
    CHECK(event_of("generic", "event", bytes).unrecognised().data() == bytes);
    const auto event =
        normalise(provider("generic"), {.type = "t\xff", .content_type = "\xff", .body = bytes});
    REQUIRE(event.has_value());
    CHECK(events::encode(*event).has_value());
    CHECK(event->proof() == v1::PROOF_UNSPECIFIED);
    CHECK_FALSE(event->has_provider_time());
}

TEST_CASE("a known event that names nothing is known, and has nothing that is not told") {
    const auto event = event_of("stripe", "invoice.paid", R"({"object": "event", "data": {"object": {}}})");
    CHECK(event.category() == v1::CATEGORY_MONEY_IN);
    for (const bool there :
         {event.has_amount(), event.has_references(), event.has_customer(), event.has_card(),
          event.has_plan(), event.has_period(), event.has_unrecognised()}) {
        CHECK_FALSE(there);
    }
    CHECK(event.links_size() == 0);
}

TEST_CASE("every sample of a provider of payments is of a type that is known") {
    for (const std::string_view name : {"stripe", "shopify", "chargify", "razorpay", "resend", "school"}) {
        for (const Sample& sample : provider(name).samples) {
            INFO(name << " " << sample.type);
            const bool thin = sample.type.starts_with("v1.");
            CHECK(event_of(name, sample.type, sample.body).has_unrecognised() == thin);
        }
    }
}

TEST_CASE("an error says where it stands, whichever provider's the event is") {
    CHECK_THAT(refused("stripe", "charge.failed", "{"), Contains("not JSON"));
    CHECK(refused("stripe", "customer.created", R"({"data": {"object": {"id": 1, "id": 2}}})") ==
          "\"id\" is there twice (/data/object/id)");
    CHECK_THAT(
        refused("shopify", "orders/paid", sample_with("shopify", "orders/paid", "\"142.45\"", "\"1e3\"")),
        Catch::StartsWith("the body's /total_price_set/presentment_money/amount: "));
    CHECK_THAT(
        refused("razorpay", "payment.captured",
                sample_with("razorpay", "payment.captured", "\"amount\":249900", "\"amount\":\"2499\"")),
        Catch::StartsWith("the body's /payload/payment/entity/amount: "));
    CHECK_THAT(refused("chargify", "payment_success",
                       sample_with("chargify", "payment_success", "[amount_in_cents]=9900",
                                   "[amount_in_cents]=9.9")),
               Catch::StartsWith("the form's payload[transaction][amount_in_cents]: "));
    CHECK_THAT(refused("school", "payment.success",
                       sample_with("school", "payment.success", "100,000", "100.000,0")),
               Catch::StartsWith("the body's /amount: "));
}

TEST_CASE("only links that are https and cannot end early are given on") {
    const auto links = [](std::string_view url) {
        return stripe_event("charge.succeeded", fmt::format(R"({{"receipt_url": "{}"}})", url)).links_size();
    };
    CHECK(links("https://pay.example/r?a=1&b=%20#x") == 1);
    for (const std::string_view bad :
         {"http://pay.example", "javascript:alert(1)", "https://", "https://a b", "https://a|b",
          "https://a>b", "https://a\\nb", "HTTPS://a", "/receipt"}) {
        INFO(bad);
        CHECK(links(bad) == 0);
    }
}

TEST_CASE("metadata is carried as it was written, up to its limit") {
    std::string many = R"("a": "1", "b": 2.50, "c": true, "d": null, "e": {"f": 1}, "g": "")";
    const auto few = stripe_event("charge.succeeded", fmt::format(R"({{"metadata": {{{}}}}})", many));
    REQUIRE(few.attributes_size() == 3);
    CHECK(few.attributes(1).value() == "2.50");
    CHECK(few.attributes(2).value() == "true");
    for (int i = 0; i < 200; ++i) many += fmt::format(R"(, "k{}": "v")", i);
    CHECK(
        stripe_event("charge.succeeded", fmt::format(R"({{"metadata": {{{}}}}})", many)).attributes_size() ==
        100);
}
