#include "archive/bus_events.hpp"

#include <chrono>
#include <string_view>

#include "archive/id_range.hpp"

namespace tollgate::archive {

namespace {

using postgres::Row;
using postgres::Rows;

// The length of a stored body is known without reading it; bodies are unpacked for what is returned alone.
// What a slice was cut from is looked up for a slice alone.
constexpr std::string_view select_events = R"sql(
    select e.id, e.tenant, e.source, e.provider, e.type, e.provider_time, e.subject, e.ordering_key, e.content_type,
           e.traceparent, e.length,
           case when e.length > $4 then null
                when e.body_of is null then e.body
                else substring(coalesce(e.body, (select f.body from archive.event f
                                                 where f.id = e.body_of and f.id between $2 and $3
                                                     and f.tenant = e.tenant limit 1))
                               from e.body_offset + 1 for e.body_length) end
    from (
        select wanted.place, wanted.id, e.tenant, e.source, e.provider, e.type, e.provider_time, e.subject,
               e.ordering_key, e.content_type, e.traceparent, e.body, e.body_of, e.body_offset, e.body_length,
               size.length, sum(case when size.length > $4 then 0 else size.length::integer end)
                   over (order by wanted.place rows between unbounded preceding and 1 preceding) as before
        from unnest($1) with ordinality as wanted(id, place)
        left join lateral (select * from archive.event e
                           where e.id = wanted.id and e.id between $2 and $3 limit 1) e on true
        cross join lateral (select coalesce(e.body_length, octet_length(e.body))::bigint) size(length)
    ) e
    where coalesce(e.before, 0) < $5
    order by e.place
)sql";

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
    // What slices were cut from is of their day, and before them.
    const IdRange range = range_of(ids);
    const Uuid first_of_day = first_uuid_v7_at(std::chrono::floor<std::chrono::days>(time_of(range.first)));
    return connection.execute_planned_anew(select_events, ids, first_of_day, range.last, limits.body_max,
                                           limits.bytes_max);
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
