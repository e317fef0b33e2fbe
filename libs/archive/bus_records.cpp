#include "archive/bus_records.hpp"

#include <chrono>
#include <utility>

#include "events/payment_event.hpp"
#include "events/record_key.hpp"

namespace tollgate::archive {

namespace {

Timestamp wire_time(const std::optional<Timestamp>& provider_time, const Uuid& id) {
    return std::chrono::floor<std::chrono::milliseconds>(provider_time.value_or(time_of(id)));
}

events::CloudEvent envelope(BusEvent& event, bool by_reference) {
    return {.id = event.id,
            .source = {.tenant = event.tenant, .slug = event.source},
            .type = events::raw_type(event.provider, event.type),
            .subject = std::move(event.subject),
            .time = wire_time(event.provider_time, event.id),
            .content_type = std::move(event.content_type),
            .traceparent = std::move(event.traceparent),
            .reference = std::string{by_reference ? reference_here : ""}};
}

events::CloudEvent envelope(BusPayment& payment, bool by_reference) {
    events::CloudEvent raw{.id = payment.id,
                           .source = {.tenant = payment.tenant, .slug = payment.source},
                           .time = wire_time(payment.provider_time, payment.id),
                           .traceparent = std::move(payment.traceparent)};
    auto attributes =
        events::payment_attributes(std::move(raw), payment.category, std::move(payment.subject));
    if (by_reference) attributes.reference = reference_here;
    return attributes;
}

}  // namespace

Result<BusRecord> to_record(std::optional<BusEvent> event, const Uuid& tenant, const BusLimits& limits) {
    if (!event) return fail(ErrorCode::not_found, "its event is not in the archive");
    if (event->tenant != tenant) return fail(ErrorCode::not_found, "its event is another tenant's");
    const bool by_reference = event->length > limits.body_max;
    if (!by_reference && !event->body)
        return fail(ErrorCode::not_found, "the bytes of its request are not in the archive");
    BusRecord record{.key = events::record_key(event->tenant, event->source, event->ordering_key, event->id),
                     .value = {},
                     .attributes = envelope(*event, by_reference)};
    if (!by_reference) record.value = std::move(*event->body);
    return record;
}

Result<BusRecord> to_record(std::optional<BusPayment> payment, const Uuid& tenant, const BusLimits& limits) {
    if (!payment) return fail(ErrorCode::not_found, "its payment event is not in the archive");
    if (payment->tenant != tenant) return fail(ErrorCode::not_found, "its payment event is another tenant's");
    const bool by_reference = payment->length > limits.body_max;
    BusRecord record{
        .key = events::record_key(payment->tenant, payment->source, payment->ordering_key, payment->id),
        .value = {},
        .attributes = envelope(*payment, by_reference)};
    if (!by_reference) record.value = std::move(payment->data).value();
    return record;
}

}  // namespace tollgate::archive
