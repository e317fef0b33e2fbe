#include "contract/events/golden.hpp"

#include <catch2/catch.hpp>

#include "events/record_key.hpp"

using tollgate::parse_rfc3339;
using tollgate::Uuid;
using namespace tollgate::events;
using namespace tollgate::test;
namespace v1 = tollgate::v1;

namespace {

const Uuid tenant = Uuid::parse("018f3b1c-7c5a-7000-8000-000000000001").value();

Uuid event_id(int last_digit) {
    return Uuid::parse("019a0e6c-52f4-7000-8000-0000000000e" + std::to_string(last_digit)).value();
}

// Long differences are read in hexadecimal, in the lines of the file.
std::string hex_lines(std::string_view bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text += fmt::format("{:02x}{}", static_cast<unsigned char>(bytes[i]), i % 32 == 31 ? "\n" : " ");
    }
    return text;
}

void check_both_ways(const GoldenRecord& record, const CloudEvent& expected) {
    CHECK(from_headers(record.headers) == expected);
    CHECK(to_headers(expected) == record.headers);
}

void check_value_both_ways(const GoldenRecord& record) {
    const auto bytes = encode(record.payment);
    REQUIRE(bytes);
    CHECK(hex_lines(*bytes) == hex_lines(record.value));
    const auto event = decode_payment_event(record.value);
    REQUIRE(event);
    CHECK(event->DebugString() == record.payment.DebugString());
}

}  // namespace

TEST_CASE("the raw record of version 1 is read and written the same") {
    const GoldenRecord record = read_golden("v1/raw.record");
    const CloudEvent expected{.id = event_id(1),
                              .source = {tenant, "stripe", Stage::received},
                              .type = raw_type("stripe", "invoice.payment_failed"),
                              .subject = "in_1Q",
                              .time = parse_rfc3339("2026-11-21T03:11:00Z").value(),
                              .dataschema = "",
                              .schema_version = {1, 0},
                              .content_type = "application/json; charset=utf-8",
                              .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                              .reference = ""};
    check_both_ways(record, expected);
    CHECK(record.key == record_key(tenant, "stripe", "cus_Q1", event_id(1)));
    CHECK(record.value.starts_with("{ \"id\": \"evt_1Q\",\n"));
}

TEST_CASE("the record by reference of version 1 is read and written the same") {
    const GoldenRecord record = read_golden("v1/raw_by_reference.record");
    const CloudEvent expected{.id = event_id(2),
                              .source = {tenant, "shop", Stage::received},
                              .type = raw_type("shopify", "orders/paid"),
                              .subject = "",
                              .time = parse_rfc3339("2026-11-21T03:11:00.123Z").value(),
                              .dataschema = "",
                              .schema_version = {1, 0},
                              .content_type = "",
                              .traceparent = "",
                              .reference = "archive"};
    check_both_ways(record, expected);
    CHECK(record.key == record_key(tenant, "shop", "", event_id(2)));
    CHECK(record.value.empty());
}

TEST_CASE("the payment event of version 1 is read and written the same") {
    const GoldenRecord record = read_golden("v1/payment.record");
    check_value_both_ways(record);

    const CloudEvent raw = from_headers(read_golden("v1/raw.record").headers).value();
    check_both_ways(record, attributes_of(record.payment, raw));
    CHECK(record.key == record_key(tenant, "stripe", record.payment.ordering_key(), event_id(1)));
}

TEST_CASE("what an older writer left out is read as not there") {
    const GoldenRecord record = read_golden("v1/payment_minimal.record");
    check_value_both_ways(record);
    const auto event = from_headers(record.headers);
    REQUIRE(event);
    CHECK(event->dataschema.empty());
    CHECK(event->source.stage == Stage::enriched);

    const auto payment = decode_payment_event(record.value);
    REQUIRE(payment);
    CHECK(payment->amount().minor() == 10050);
    CHECK_FALSE(payment->has_customer());
    CHECK_FALSE(payment->has_provider_time());
    CHECK(payment->priority() == v1::PRIORITY_UNSPECIFIED);
}

TEST_CASE("what a newer minor writer added is ignored by us and passed on") {
    const GoldenRecord record = read_golden("newer/minor.record");
    const auto event = from_headers(record.headers);
    REQUIRE(event);
    CHECK(event->schema_version == SchemaVersion{1, 7});
    CHECK_FALSE(is_newer_major(event->schema_version));

    const auto payment = decode_payment_event(record.value);
    REQUIRE(payment);
    CHECK(payment->amount().minor() == 9994);
    CHECK(payment->amount().currency() == "USD");
    CHECK(payment->provider() == "stripe");
    CHECK(name(payment->category()) == "other");
    CHECK(hex_lines(encode(*payment).value()) == hex_lines(record.value));
}

TEST_CASE("a newer major writer is recognised before its value is read") {
    const GoldenRecord record = read_golden("newer/major.record");
    const auto event = from_headers(record.headers);
    REQUIRE(event);
    CHECK(is_newer_major(event->schema_version));
    CHECK(event->id == event_id(5));
    CHECK(event->tenant() == tenant);
    CHECK_FALSE(decode_payment_event(record.value));
}
