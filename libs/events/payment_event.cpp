#include "events/payment_event.hpp"

#include <chrono>
#include <limits>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace tollgate::events {

namespace {

constexpr std::string_view content_type = "application/protobuf";
constexpr std::string_view dataschema = "urn:tollgate:schema:tollgate.v1.PaymentEvent";

bool parse(PaymentEvent& event, std::string_view bytes) {
    // Protobuf counts in int; the limit on records is far below.
    return bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) &&
           event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// What a google.protobuf.Timestamp may be, and what RFC 3339 can write; beyond it our own counting overflows.
constexpr std::int64_t first_second = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int32_t last_nano = 999'999'999;

bool in_range(const google::protobuf::Timestamp& time) {
    return time.seconds() >= first_second && time.seconds() <= last_second && time.nanos() >= 0 &&
           time.nanos() <= last_nano;
}

Result<void> check_times(const PaymentEvent& event) {
    if (!event.has_provider_time() || in_range(event.provider_time())) return {};
    return fail(ErrorCode::invalid,
                "the payment event's provider_time of {} seconds and {} nanoseconds since 1970 is not within "
                "the years 0001 to 9999",
                event.provider_time().seconds(), event.provider_time().nanos());
}

Timestamp to_timestamp(const google::protobuf::Timestamp& time) {
    return Timestamp{std::chrono::seconds{time.seconds()} +
                     std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds{time.nanos()})};
}

}  // namespace

Result<std::string> encode(const PaymentEvent& event) {
    if (const auto good = check_times(event); !good) return std::unexpected{good.error()};
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream{&bytes};
        google::protobuf::io::CodedOutputStream coded{&stream};
        coded.SetSerializationDeterministic(true);
        if (!event.SerializeToCodedStream(&coded)) {
            return fail(ErrorCode::too_large, "the payment event has more than 2 GiB");
        }
    }
    // Protobuf writes a text that is not UTF-8 without an error, and only reading it fails.
    if (PaymentEvent again; !parse(again, bytes)) {
        return fail(ErrorCode::invalid, "the payment event has a text that is not UTF-8");
    }
    return bytes;
}

Result<PaymentEvent> decode_payment_event(std::string_view bytes) {
    PaymentEvent event;
    if (!parse(event, bytes)) {
        return fail(ErrorCode::invalid, "the {} bytes are not a tollgate.v1.PaymentEvent", bytes.size());
    }
    if (const auto good = check_times(event); !good) return std::unexpected{good.error()};
    return event;
}

std::string_view name(v1::Category category) {
    switch (category) {
        case v1::CATEGORY_MONEY_IN:
            return "money_in";
        case v1::CATEGORY_MONEY_AT_RISK:
            return "money_at_risk";
        case v1::CATEGORY_MONEY_OUT:
            return "money_out";
        case v1::CATEGORY_SUBSCRIPTION:
            return "subscription";
        case v1::CATEGORY_CUSTOMER:
            return "customer";
        // Also what a newer minor version knows and this one does not: enumerations of proto3 are open.
        default:
            return "other";
    }
}

std::string raw_type(std::string_view provider, std::string_view provider_event_type) {
    return fmt::format("{}.{}", provider, provider_event_type);
}

CloudEvent attributes_of(const PaymentEvent& payment, const CloudEvent& raw) {
    CloudEvent event = payment_attributes(raw, name(payment.category()), payment.subject().id());
    if (payment.has_provider_time() && in_range(payment.provider_time())) {
        event.time = to_timestamp(payment.provider_time());
    }
    return event;
}

CloudEvent payment_attributes(CloudEvent raw, std::string_view category, std::string subject) {
    raw.source.stage = Stage::enriched;
    raw.type = fmt::format("tollgate.payment.{}", category);
    raw.subject = std::move(subject);
    raw.dataschema = dataschema;
    raw.schema_version = current_schema;
    raw.content_type = content_type;
    raw.reference.clear();
    return raw;
}

}  // namespace tollgate::events
