#include <catch2/catch.hpp>

#include "relay/payment_records.hpp"

using namespace tollgate;
using relay::Outgoing;
using relay::payment_record;

namespace {

constexpr archive::BusLimits limits{.body_max = 100, .bytes_max = 1000};

const Uuid tenant = Uuid::parse("018f3b1c-7c5a-7000-8000-000000000001").value();
const Uuid event_id = Uuid::parse("019a0e6c-52f4-7000-8000-0000000000e1").value();

archive::BusPayment payment() {
    return {.id = event_id,
            .tenant = tenant,
            .source = "stripe",
            .category = "money_at_risk",
            .provider_time = parse_rfc3339("2026-11-21T03:11:00Z").value(),
            .subject = "in_1Q",
            .ordering_key = "cus_Q1",
            .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            .length = 2,
            .data = "\x08\x02"};
}

journal::Entry entry() {
    return {.tenant = tenant, .topic = "payment", .event_id = event_id};
}

}  // namespace

TEST_CASE("a payment record has the raw event's id and key, and a source and type of its own") {
    const Outgoing record = payment_record(entry(), payment(), limits);
    CHECK(record.refusal.empty());
    CHECK(record.value == "\x08\x02");
    CHECK(record.key == "018f3b1c-7c5a-7000-8000-000000000001/stripe/cus_Q1");
    const events::Headers expected{
        {"ce_specversion", "1.0"},
        {"ce_id", "019a0e6c-52f4-7000-8000-0000000000e1"},
        {"ce_source", "/tenants/018f3b1c-7c5a-7000-8000-000000000001/sources/stripe/enrichment"},
        {"ce_type", "tollgate.payment.money_at_risk"},
        {"ce_subject", "in_1Q"},
        {"ce_time", "2026-11-21T03:11:00.000Z"},
        {"ce_dataschema", "urn:tollgate:schema:tollgate.v1.PaymentEvent"},
        {"ce_tenant", "018f3b1c-7c5a-7000-8000-000000000001"},
        {"ce_schemaversion", "1.0"},
        {"content-type", "application/protobuf"},
        {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
    CHECK(record.headers == expected);
}

TEST_CASE("a payment event above the limit goes by reference and one at the limit does not") {
    archive::BusPayment large = payment();
    large.length = 101;
    large.data.reset();
    const Outgoing by_reference = payment_record(entry(), large, limits);
    CHECK(by_reference.value == "");
    CHECK(by_reference.headers.back() == events::Header{"tollgate_ref", "archive"});
    archive::BusPayment at_limit = payment();
    at_limit.length = 100;
    at_limit.data = std::string(100, 'x');
    CHECK(payment_record(entry(), at_limit, limits).value == std::string(100, 'x'));
}

TEST_CASE("a payment event without an ordering key or a time has its own id and its receipt") {
    archive::BusPayment bare = payment();
    bare.ordering_key.clear();
    bare.provider_time.reset();
    const Outgoing record = payment_record(entry(), bare, limits);
    CHECK(record.key == "018f3b1c-7c5a-7000-8000-000000000001/stripe/019a0e6c-52f4-7000-8000-0000000000e1");
    CHECK(events::from_headers(record.headers)->time == time_of(event_id));
}

TEST_CASE("a payment event that is not there or another tenant's is no record") {
    archive::BusPayment of_another = payment();
    of_another.tenant = make_uuid_v7();
    CHECK_THAT(payment_record(entry(), std::nullopt, limits).refusal, Catch::Contains("not in the archive"));
    CHECK_THAT(payment_record(entry(), of_another, limits).refusal, Catch::Contains("another tenant"));
}
