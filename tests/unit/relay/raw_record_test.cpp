#include <algorithm>

#include <catch2/catch.hpp>

#include "relay/raw_records.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using relay::Outgoing;
using relay::raw_record;

namespace {

constexpr archive::BusLimits limits{.body_max = 100, .bytes_max = 1000};

Uuid uuid(const char* text) {
    return Uuid::parse(text).value();
}

const Uuid tenant = uuid("018f3b1c-7c5a-7000-8000-000000000001");
const Uuid event_id = uuid("019a0e6c-52f4-7000-8000-0000000000e1");

archive::BusEvent event() {
    return {.id = event_id,
            .tenant = tenant,
            .source = "stripe",
            .provider = "stripe",
            .type = "invoice.payment_failed",
            .provider_time = parse_rfc3339("2026-11-21T03:11:00Z").value(),
            .subject = "in_1Q",
            .ordering_key = "cus_Q1",
            .content_type = "application/json; charset=utf-8",
            .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            .length = 2,
            .body = "{}"};
}

journal::Entry entry() {
    return {
        .after = {.tick = 3, .xid = {7}, .seq = 9}, .tenant = tenant, .topic = "raw", .event_id = event_id};
}

std::optional<std::string> header(const Outgoing& record, const std::string& name) {
    const auto found = std::ranges::find(record.headers, name, &events::Header::first);
    if (found == record.headers.end()) return std::nullopt;
    return found->second;
}

}  // namespace

TEST_CASE("a record has the provider's bytes and what is known of them in its headers") {
    archive::BusEvent sent = event();
    sent.body = std::string{"{\"a\":\0\xff}", 8};
    sent.length = 8;
    const Outgoing record = raw_record(entry(), sent, limits);
    CHECK(record.refusal.empty());
    CHECK(record.value == *sent.body);
    CHECK(record.key == "018f3b1c-7c5a-7000-8000-000000000001/stripe/cus_Q1");
    CHECK(record.headers ==
          events::Headers{{"ce_specversion", "1.0"},
                          {"ce_id", "019a0e6c-52f4-7000-8000-0000000000e1"},
                          {"ce_source", "/tenants/018f3b1c-7c5a-7000-8000-000000000001/sources/stripe"},
                          {"ce_type", "stripe.invoice.payment_failed"},
                          {"ce_subject", "in_1Q"},
                          {"ce_time", "2026-11-21T03:11:00.000Z"},
                          {"ce_tenant", "018f3b1c-7c5a-7000-8000-000000000001"},
                          {"ce_schemaversion", "1.0"},
                          {"content-type", "application/json; charset=utf-8"},
                          {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
    CHECK(record.entry.after == entry().after);
}

TEST_CASE("what consumers read of it is what it was made of") {
    const Outgoing record = raw_record(entry(), event(), limits);
    const auto read = events::from_headers(record.headers);
    REQUIRE(read.has_value());
    CHECK(read->id == event_id);
    CHECK(read->source == events::Source{.tenant = tenant, .slug = "stripe"});
}

TEST_CASE("an event without an ordering key or a time has its own id and its receipt") {
    archive::BusEvent bare = event();
    bare.ordering_key.clear();
    bare.provider_time.reset();
    bare.subject.clear();
    bare.content_type.clear();
    bare.traceparent.clear();
    const Outgoing record = raw_record(entry(), bare, limits);
    CHECK(record.key == "018f3b1c-7c5a-7000-8000-000000000001/stripe/019a0e6c-52f4-7000-8000-0000000000e1");
    CHECK(header(record, "ce_time") == to_rfc3339(time_of(event_id)));
    CHECK_FALSE(header(record, "ce_subject"));
    CHECK_FALSE(header(record, "content-type"));
    CHECK_FALSE(header(record, "traceparent"));
}

TEST_CASE("a body above the limit goes by reference and one at the limit does not") {
    archive::BusEvent large = event();
    large.length = 101;
    large.body.reset();
    const Outgoing by_reference = raw_record(entry(), large, limits);
    CHECK(by_reference.refusal.empty());
    CHECK(by_reference.value->empty());
    CHECK(header(by_reference, "tollgate_ref") == "archive");

    archive::BusEvent at_limit = event();
    at_limit.length = 100;
    at_limit.body = std::string(100, 'x');
    const Outgoing whole = raw_record(entry(), at_limit, limits);
    CHECK(whole.value == std::string(100, 'x'));
    CHECK_FALSE(header(whole, "tollgate_ref"));
}

TEST_CASE("what cannot become a record says why") {
    archive::BusEvent without_bytes = event();
    without_bytes.body.reset();
    archive::BusEvent of_another = event();
    of_another.tenant = make_uuid_v7();
    CHECK_THAT(raw_record(entry(), std::nullopt, limits).refusal, Catch::Contains("not in the archive"));
    CHECK_THAT(raw_record(entry(), without_bytes, limits).refusal, Catch::Contains("bytes of its request"));
    CHECK_THAT(raw_record(entry(), of_another, limits).refusal, Catch::Contains("another tenant"));
}

TEST_CASE("the bytes of a record are counted with its key and headers") {
    const Outgoing record{.entry = entry(), .key = "12", .value = "345", .headers = {{"67", "890"}}};
    CHECK(record.bytes() == 10);
}
