#include "events/payment_event.hpp"

#include <limits>

#include <catch2/catch.hpp>

using tollgate::ErrorCode;
using tollgate::parse_rfc3339;
using tollgate::to_rfc3339;
using tollgate::Uuid;
using namespace tollgate::events;
namespace v1 = tollgate::v1;

namespace {

PaymentEvent sample() {
    PaymentEvent event;
    event.set_category(v1::CATEGORY_MONEY_AT_RISK);
    event.mutable_subject()->set_id("in_1");
    event.mutable_amount()->set_minor(118800);
    event.mutable_amount()->set_currency("USD");
    return event;
}

}  // namespace

TEST_CASE("a payment event comes back from its bytes") {
    const auto bytes = encode(sample());
    REQUIRE(bytes);
    const auto event = decode_payment_event(*bytes);
    REQUIRE(event);
    CHECK(event->category() == v1::CATEGORY_MONEY_AT_RISK);
    CHECK(event->amount().minor() == 118800);
    CHECK(encode(*event) == *bytes);
}

TEST_CASE("a text that is not UTF-8 is refused before anybody has to read it") {
    PaymentEvent event = sample();
    event.mutable_customer()->set_name("J\xf6rg");
    const auto bytes = encode(event);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().code == ErrorCode::invalid);
    event.mutable_customer()->set_name("J\xc3\xb6rg");
    CHECK(encode(event));
    event.mutable_unrecognised()->set_data("\xff\xfe");
    CHECK(encode(event));
}

TEST_CASE("bytes that are no payment event are an error") {
    CHECK_FALSE(decode_payment_event("{\"id\":\"evt_1\"}"));
    CHECK_FALSE(decode_payment_event(encode(sample())->substr(0, 5)));
    CHECK(decode_payment_event(""));
}

TEST_CASE("a category that this build does not know passes as other") {
    CHECK(name(v1::CATEGORY_MONEY_IN) == "money_in");
    CHECK(name(v1::CATEGORY_SUBSCRIPTION) == "subscription");
    CHECK(name(v1::CATEGORY_UNSPECIFIED) == "other");
    CHECK(name(static_cast<v1::Category>(77)) == "other");
}

TEST_CASE("a payment event has the id and trace of its raw event and a source of its own") {
    const CloudEvent raw{.id = Uuid::parse("018f3b1c-7c5a-7000-8000-0000000000e1").value(),
                         .source = {Uuid::parse("018f3b1c-7c5a-7000-8000-000000000001").value(), "stripe"},
                         .type = raw_type("stripe", "invoice.payment_failed"),
                         .subject = "",
                         .time = parse_rfc3339("2026-11-21T03:11:00.123Z").value(),
                         .dataschema = "",
                         .content_type = "application/json",
                         .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                         .reference = "archive"};
    CHECK(raw.type == "stripe.invoice.payment_failed");

    PaymentEvent payment = sample();
    const CloudEvent without_time = attributes_of(payment, raw);
    CHECK(without_time.time == raw.time);
    payment.mutable_provider_time()->set_seconds(1792553400);
    payment.mutable_provider_time()->set_nanos(987654321);
    const CloudEvent event = attributes_of(payment, raw);
    CHECK(event.id == raw.id);
    CHECK(event.traceparent == raw.traceparent);
    CHECK(event.source.text() == "/tenants/018f3b1c-7c5a-7000-8000-000000000001/sources/stripe/enrichment");
    CHECK(event.type == "tollgate.payment.money_at_risk");
    CHECK(event.subject == "in_1");
    CHECK(to_rfc3339(event.time) == "2026-10-21T03:30:00.987Z");
    CHECK(event.content_type == "application/protobuf");
    CHECK(event.reference.empty());
    CHECK(from_headers(to_headers(event)) == event);
}

TEST_CASE("a time of the provider that no reader can write down is refused") {
    struct Example {
        std::int64_t seconds;
        std::int32_t nanos;
    };
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    for (const auto& [seconds, nanos] :
         {Example{253'402'300'800, 0}, Example{-62'135'596'801, 0}, Example{-62'135'596'801, 999'999'999},
          Example{most, 0}, Example{-most - 1, 0}, Example{0, -1}, Example{0, 1'000'000'000}}) {
        INFO(seconds << " " << nanos);
        PaymentEvent event = sample();
        event.mutable_provider_time()->set_seconds(seconds);
        event.mutable_provider_time()->set_nanos(nanos);
        const auto bytes = encode(event);
        REQUIRE_FALSE(bytes);
        CHECK(bytes.error().code == ErrorCode::invalid);
        CHECK_THAT(bytes.error().detail, Catch::Contains("provider_time") && Catch::Contains("9999"));
        const auto decoded = decode_payment_event(event.SerializeAsString());
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().detail == bytes.error().detail);
        // Nor does it reach the attributes of what was not encoded yet.
        const CloudEvent raw{.time = parse_rfc3339("2026-11-21T03:11:00.123Z").value()};
        CHECK(attributes_of(event, raw).time == raw.time);
    }
}

TEST_CASE("the first and the last time of the provider that can be written down come back") {
    struct Example {
        std::int64_t seconds;
        std::int32_t nanos;
        std::string_view text;
    };
    for (const auto& [seconds, nanos, text] :
         {Example{-62'135'596'800, 0, "0001-01-01T00:00:00.000Z"},
          Example{253'402'300'799, 999'999'999, "9999-12-31T23:59:59.999Z"}}) {
        PaymentEvent event = sample();
        event.mutable_provider_time()->set_seconds(seconds);
        event.mutable_provider_time()->set_nanos(nanos);
        CHECK(decode_payment_event(encode(event).value()));
        const auto time = attributes_of(event, {}).time;
        CHECK(to_rfc3339(time) == text);
        CHECK(parse_rfc3339(text) == time);
    }
}
