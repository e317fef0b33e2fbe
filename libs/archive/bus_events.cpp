#include "archive/bus_events.hpp"

#include <string_view>

namespace tollgate::archive {

namespace {

using postgres::Row;
using postgres::Rows;

constexpr std::string_view select_events =
    "select id, tenant, source, provider, type, provider_time, subject, ordering_key, content_type, "
    "traceparent, length, body from archive.read_bus_events($1, $2, $3)";

BusEvent event_of(const Row& row) {
    const auto text = [&](std::size_t column) {
        return row.is_null(column) ? std::string{} : row.get<std::string>(column);
    };
    return {.id = row.get<Uuid>(0),
            .tenant = row.get<Uuid>(1),
            .source = row.get<std::string>(2),
            .provider = row.get<std::string>(3),
            .type = row.get<std::string>(4),
            .provider_time = row.get<std::optional<Timestamp>>(5),
            .subject = text(6),
            .ordering_key = text(7),
            .content_type = text(8),
            .traceparent = text(9),
            .length = row.get<std::int64_t>(10),
            .body = row.get<std::optional<std::string>>(11)};
}

}  // namespace

std::vector<std::optional<BusEvent>> read_for_bus(postgres::Connection& connection, std::span<const Uuid> ids,
                                                  const BusLimits& limits) {
    return bus_events_of(select_for_bus(connection, ids, limits));
}

Rows select_for_bus(postgres::Connection& connection, std::span<const Uuid> ids, const BusLimits& limits) {
    return connection.execute(select_events, ids, limits.body_max, limits.bytes_max);
}

std::vector<std::optional<BusEvent>> bus_events_of(const Rows& rows) {
    std::vector<std::optional<BusEvent>> events;
    events.reserve(rows.size());
    for (const Row row : rows) {
        events.push_back(row.is_null(1) ? std::nullopt : std::optional{event_of(row)});
    }
    return events;
}

std::size_t body_bytes(const Rows& rows) {
    std::size_t bytes = 0;
    for (const Row row : rows) bytes += row.is_null(11) ? 0 : row.get<std::string_view>(11).size();
    return bytes;
}

}  // namespace tollgate::archive
