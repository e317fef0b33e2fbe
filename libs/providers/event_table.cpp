#include "providers/event_table.hpp"

#include "providers/fill.hpp"

namespace tollgate::providers {

Result<v1::PaymentEvent> read_event(std::span<const EventRow> table, const RawEvent& raw) {
    v1::PaymentEvent event;
    const EventRow* const row = row_of(table, raw.type);
    if (row == nullptr) return event;
    const auto json = Json::parse(raw.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    tell(event, row->category, row->fact);
    row->read({.body = {*json, fields}, .type = raw.type, .settings = raw.settings, .event = event});
    if (fields.error()) return std::unexpected{*fields.error()};
    return event;
}

}  // namespace tollgate::providers
