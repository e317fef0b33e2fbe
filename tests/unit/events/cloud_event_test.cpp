#include "events/cloud_event.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "events/record_key.hpp"

using Catch::Matchers::Contains;
using tollgate::ErrorCode;
using tollgate::parse_rfc3339;
using tollgate::Uuid;
using namespace tollgate::events;

namespace {

const Uuid tenant = Uuid::parse("018f3b1c-7c5a-7000-8000-000000000001").value();

CloudEvent sample() {
    return CloudEvent{.id = Uuid::parse("018f3b1c-7c5a-7000-8000-0000000000e1").value(),
                      .source = {tenant, "stripe", Stage::received},
                      .type = "stripe.invoice.paid",
                      .subject = "in_1",
                      .time = parse_rfc3339("2026-11-21T03:11:00.123Z").value(),
                      .dataschema = "urn:example:schema",
                      .schema_version = {1, 0},
                      .content_type = "application/json",
                      .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                      .reference = "archive"};
}

Headers without(std::string_view name) {
    Headers headers = to_headers(sample());
    std::erase_if(headers, [&](const Header& header) { return header.first == name; });
    return headers;
}

Headers with(std::string_view name, std::string_view value) {
    Headers headers = without(name);
    headers.emplace_back(name, value);
    return headers;
}

std::string refusal_of(const Headers& headers) {
    const auto event = from_headers(headers);
    REQUIRE_FALSE(event);
    CHECK(event.error().code == ErrorCode::invalid);
    return event.error().detail;
}

}  // namespace

TEST_CASE("headers are those of CloudEvents in one order and come back as the same event") {
    const Headers headers = to_headers(sample());
    CHECK(headers == Headers{{"ce_specversion", "1.0"},
                             {"ce_id", "018f3b1c-7c5a-7000-8000-0000000000e1"},
                             {"ce_source", "/tenants/018f3b1c-7c5a-7000-8000-000000000001/sources/stripe"},
                             {"ce_type", "stripe.invoice.paid"},
                             {"ce_subject", "in_1"},
                             {"ce_time", "2026-11-21T03:11:00.123Z"},
                             {"ce_dataschema", "urn:example:schema"},
                             {"ce_tenant", "018f3b1c-7c5a-7000-8000-000000000001"},
                             {"ce_schemaversion", "1.0"},
                             {"content-type", "application/json"},
                             {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                             {"tollgate_ref", "archive"}});
    CHECK(from_headers(headers) == sample());
}

TEST_CASE("attributes that are not there are no headers and may be missing") {
    CloudEvent bare = sample();
    for (std::string* optional :
         {&bare.subject, &bare.dataschema, &bare.content_type, &bare.traceparent, &bare.reference}) {
        optional->clear();
    }
    const Headers headers = to_headers(bare);
    CHECK(headers.size() == 7);
    CHECK(from_headers(headers) == bare);
}

TEST_CASE("a required header that is missing or empty is an error that names it") {
    for (const std::string name :
         {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_tenant", "ce_schemaversion"}) {
        CHECK_THAT(refusal_of(without(name)), Contains("header " + name + ": is missing"));
        CHECK_THAT(refusal_of(with(name, "")), Contains("header " + name + ": is missing or empty"));
    }
}

TEST_CASE("a malformed header is an error that names it") {
    const std::vector<Header> malformed{
        {"ce_specversion", "0.3"}, {"ce_id", "evt_1"},        {"ce_source", "/stripe"},
        {"ce_time", "yesterday"},  {"ce_tenant", "platform"}, {"ce_schemaversion", "1"},
    };
    for (const auto& [name, value] : malformed) {
        CHECK_THAT(refusal_of(with(name, value)), Contains("header " + name + ": ") && Contains(value));
    }
}

TEST_CASE("a tenant that is not the tenant of the source is refused") {
    CHECK_THAT(refusal_of(with("ce_tenant", "018f3b1c-7c5a-7000-8000-000000000002")),
               Contains("header ce_tenant: is another tenant"));
}

TEST_CASE("one of our headers may repeat itself but not contradict itself") {
    Headers headers = to_headers(sample());
    headers.emplace_back("ce_type", "stripe.invoice.paid");
    CHECK(from_headers(headers) == sample());
    headers.emplace_back("ce_type", "stripe.invoice.voided");
    CHECK_THAT(refusal_of(headers), Contains("header ce_type: stands there twice"));
}

TEST_CASE("headers of others are ignored") {
    Headers headers = to_headers(sample());
    headers.emplace(headers.begin(), "__connect.errors.topic", "tollgate.raw");
    headers.emplace_back("ce_partitionkey", "key");
    CHECK(from_headers(headers) == sample());
}

TEST_CASE("of several traceparents the last counts and a malformed one is dropped") {
    Headers headers = to_headers(sample());
    headers.emplace_back("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-00");
    CHECK(from_headers(headers)->traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-00");
    CHECK(from_headers(with("traceparent", "nonsense"))->traceparent.empty());
}

TEST_CASE("an envelope of a newer major version is read so that its record can be held") {
    const auto event = from_headers(with("ce_schemaversion", "2.0"));
    REQUIRE(event);
    CHECK(event->id == sample().id);
    CHECK(event->tenant() == tenant);
    CHECK(is_newer_major(event->schema_version));
}

TEST_CASE("the record key is made of tenant and source and ordering key or else the event id") {
    const CloudEvent event = sample();
    CHECK(record_key(tenant, "stripe", "cus_1", event.id) ==
          "018f3b1c-7c5a-7000-8000-000000000001/stripe/cus_1");
    CHECK(record_key(tenant, "stripe", "", event.id) ==
          "018f3b1c-7c5a-7000-8000-000000000001/stripe/018f3b1c-7c5a-7000-8000-0000000000e1");
}
