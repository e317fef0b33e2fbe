#include "archive/bus_records.hpp"

#include <chrono>
#include <utility>

#include "events/payment_event.hpp"
#include "events/record_key.hpp"

namespace tollgate::archive {

namespace {

events::CloudEvent envelope(BusEvent& event, bool by_reference) {
    return {.id = event.id,
            .source = {.tenant = event.tenant, .slug = event.source},
            .type = events::raw_type(event.provider, event.type),
            .subject = std::move(event.subject),
            .time = std::chrono::floor<std::chrono::milliseconds>(
                event.provider_time.value_or(time_of(event.id))),
            .content_type = std::move(event.content_type),
            .traceparent = std::move(event.traceparent),
            .reference = std::string{by_reference ? reference_here : ""}};
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

}  // namespace tollgate::archive
