#include "enrichment/payment.hpp"

#include <limits>

#include <catch2/catch.hpp>

#include "archive/payment_reading.hpp"

using namespace tollgate;
using enrichment::KnownEvent;
using enrichment::to_raw;
using enrichment::to_stored;

namespace {

KnownEvent known() {
    return {.facts = {.id = make_uuid_v7(),
                      .tenant = make_uuid_v7(),
                      .source = "shop",
                      .provider = "stripe",
                      .type = "charge.succeeded",
                      .provider_event_id = "evt_1",
                      .provider_time = parse_rfc3339("2026-11-21T03:11:00Z").value(),
                      .subject = "ch_1",
                      .ordering_key = "cus_1",
                      .content_type = "application/json",
                      .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                      .account = "acct_1",
                      .mode = "live",
                      .proof = "signature"},
            .settings = R"({"currency": "EUR"})"};
}

events::PaymentEvent payment() {
    events::PaymentEvent event;
    event.set_category(v1::CATEGORY_MONEY_IN);
    event.mutable_subject()->set_id("pi_1");
    event.mutable_customer()->set_id("cus_7");
    event.mutable_amount()->set_minor(1188);
    event.mutable_amount()->set_currency("JPY");
    event.mutable_provider_time()->set_seconds(1'790'000'000);
    event.mutable_provider_time()->set_nanos(123'456'789);
    return event;
}

}  // namespace

TEST_CASE("a provider's folder is told all that is known of an event") {
    const KnownEvent event = known();
    const auto raw = to_raw(event, "{}");
    CHECK(raw.source == "shop");
    CHECK(raw.settings == R"({"currency": "EUR"})");
    CHECK(raw.type == "charge.succeeded");
    CHECK(raw.event_id == "evt_1");
    CHECK(raw.account == "acct_1");
    CHECK(raw.mode == "live");
    CHECK(raw.subject == "ch_1");
    CHECK(raw.ordering_key == "cus_1");
    CHECK(raw.time == event.facts.provider_time);
    CHECK(raw.proof == "signature");
    CHECK(raw.content_type == "application/json");
    CHECK(raw.body == "{}");
}

TEST_CASE("a payment event is stored under the raw event's id, key and trace, with what it says itself") {
    const KnownEvent event = known();
    const auto stored = to_stored(event.facts, payment());
    REQUIRE(stored);
    CHECK(stored->id == event.facts.id);
    CHECK(stored->tenant == event.facts.tenant);
    CHECK(stored->source == "shop");
    CHECK(stored->provider == "stripe");
    CHECK(stored->category == "money_in");
    CHECK(stored->type == "charge.succeeded");
    CHECK(stored->subject == "pi_1");
    CHECK(stored->customer == "cus_7");
    CHECK(stored->ordering_key == "cus_1");
    CHECK(stored->traceparent == event.facts.traceparent);
    CHECK(stored->amount == archive::Amount{.minor = 1188, .currency = "JPY"});
    CHECK(stored->provider_time == Timestamp{std::chrono::microseconds{1'790'000'000'123'456}});
    CHECK(events::decode_payment_event(stored->data)->customer().id() == "cus_7");
}

TEST_CASE("what a payment event does not say is not stored of it") {
    events::PaymentEvent bare;
    bare.mutable_amount()->set_minor(5);  // of no currency: no amount
    const auto stored = to_stored(known().facts, bare);
    REQUIRE(stored);
    CHECK(stored->category == "other");
    CHECK(stored->subject.empty());
    CHECK_FALSE(stored->amount);
    CHECK_FALSE(stored->provider_time);
}

TEST_CASE("zero bytes are left out of what is stored as text and stay in the payment event") {
    events::PaymentEvent event = payment();
    event.mutable_customer()->set_id(std::string("cus\0_7", 6));
    const auto stored = to_stored(known().facts, event);
    REQUIRE(stored);
    CHECK(stored->customer == "cus_7");
    CHECK(events::decode_payment_event(stored->data)->customer().id() == std::string("cus\0_7", 6));
}

TEST_CASE("a payment event that nobody could read is refused with its sentence") {
    events::PaymentEvent event = payment();
    event.mutable_provider_time()->set_nanos(-1);
    const auto stored = to_stored(known().facts, event);
    REQUIRE_FALSE(stored);
    CHECK_THAT(stored.error().detail, Catch::Contains("provider_time"));
    CHECK_FALSE(archive::provider_time(event));
    event.mutable_provider_time()->set_nanos(0);
    event.mutable_provider_time()->set_seconds(std::numeric_limits<std::int64_t>::max());
    CHECK_FALSE(archive::provider_time(event));
}
