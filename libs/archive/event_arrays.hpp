// The events of a statement as one array for each column of the table. For who writes events in one statement
// with what belongs to them, as ingress does:
//
//   insert into archive.event (<event_columns>)
//       select <event_columns> from unnest(<event_parameters>) e(<event_columns>) where ...
//
//   std::apply([&](const auto&... arrays) { connection.execute(sql, arrays..., more); },
//   event_arrays(events));
#pragma once

#include <functional>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "archive/events.hpp"
#include "postgres/wire.hpp"

namespace tollgate::archive {

inline constexpr std::string_view event_columns =
    "id, tenant, source, provider, type, provider_event_id, provider_time, subject, ordering_key, "
    "content_type, "
    "traceparent, account, mode, proof, secret, received_from, headers, body, body_of, body_offset, "
    "body_length";

// The first of the statement's; its own begin with $22.
inline constexpr std::string_view event_parameters =
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21";

// Whether the request's headers and bytes are stored with this one.
inline bool has_bytes(const Event& event) {
    return !event.slice || event.slice->of == event.id;
}

// Views of the events, which must outlive them.
inline auto event_arrays(std::span<const Event* const> events) {
    const auto each = [events](auto what) {
        return std::views::transform(
            events, [what](const Event* event) -> decltype(auto) { return std::invoke(what, *event); });
    };
    const auto bytes = [&each](std::string Event::* member) {
        return each([member](const Event& event) {
            return has_bytes(event) ? std::optional{postgres::Bytes{event.*member}} : std::nullopt;
        });
    };
    const auto slices = [&each](auto member) {
        return each([member](const Event& event) {
            return event.slice ? std::optional{(*event.slice).*member} : std::nullopt;
        });
    };
    return std::tuple{each(&Event::id),
                      each(&Event::tenant),
                      each(&Event::source),
                      each(&Event::provider),
                      each(&Event::type),
                      each(&Event::provider_event_id),
                      each(&Event::provider_time),
                      each(&Event::subject),
                      each(&Event::ordering_key),
                      each(&Event::content_type),
                      each(&Event::traceparent),
                      each(&Event::account),
                      each(&Event::mode),
                      each(&Event::proof),
                      each(&Event::secret),
                      each(&Event::received_from),
                      bytes(&Event::headers),
                      bytes(&Event::body),
                      slices(&Slice::of),
                      slices(&Slice::offset),
                      slices(&Slice::length)};
}

}  // namespace tollgate::archive
