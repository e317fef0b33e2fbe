#include "archive/events.hpp"

#include <ranges>
#include <string_view>

namespace tollgate::archive {

namespace {

using postgres::Bytes;
using postgres::Row;
using postgres::Rows;
using postgres::SqlError;
using postgres::Transaction;

constexpr std::string_view insert_events = R"sql(
    insert into archive.event (id, tenant, source, provider, type, provider_event_id, provider_time, subject,
                               ordering_key, content_type, traceparent, headers, body,
                               body_of, body_offset, body_length)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
)sql";

constexpr std::string_view select_events = R"sql(
    select id, tenant, source, provider, type, provider_event_id, provider_time, subject, ordering_key,
            content_type, traceparent, headers, body, body_of, body_offset, body_length
        from archive.read_events($1)
)sql";

bool has_bytes(const Event& event) {
    return !event.slice || event.slice->of == event.id;
}

Event event_of(const Row& row) {
    Event event{.id = row.get<Uuid>(0),
                .tenant = row.get<Uuid>(1),
                .source = row.get<std::string>(2),
                .provider = row.get<std::string>(3),
                .type = row.get<std::string>(4),
                .provider_event_id = row.get<std::optional<std::string>>(5),
                .provider_time = row.get<std::optional<Timestamp>>(6),
                .subject = row.get<std::optional<std::string>>(7),
                .ordering_key = row.get<std::optional<std::string>>(8),
                .content_type = row.get<std::optional<std::string>>(9),
                .traceparent = row.get<std::optional<std::string>>(10)};
    if (!row.is_null(13)) {
        event.slice = Slice{.of = row.get<Uuid>(13),
                            .offset = row.get<std::int32_t>(14),
                            .length = row.get<std::int32_t>(15)};
    }
    const auto headers = row.get<std::optional<std::string_view>>(11);
    const auto body = row.get<std::optional<std::string_view>>(12);
    if (!headers || !body || (event.slice && std::cmp_not_equal(body->size(), event.slice->length))) {
        throw SqlError{ErrorCode::internal, "",
                       fmt::format("event {} is a slice of {}, which is not there, too short or of another "
                                   "tenant",
                                   event.id, event.slice ? event.slice->of : event.id)};
    }
    event.headers = *headers;
    event.body = *body;
    return event;
}

}  // namespace

void write(Transaction& transaction, std::span<const Event> events) {
    const auto each = [&](auto what) { return std::views::transform(events, what); };
    const auto bytes = [&](std::string Event::* member) {
        return each([member](const Event& event) {
            return has_bytes(event) ? std::optional{Bytes{event.*member}} : std::nullopt;
        });
    };
    const auto slices = [&](auto member) {
        return each([member](const Event& event) {
            return event.slice ? std::optional{(*event.slice).*member} : std::nullopt;
        });
    };
    transaction.execute(insert_events, each(&Event::id), each(&Event::tenant), each(&Event::source),
                        each(&Event::provider), each(&Event::type), each(&Event::provider_event_id),
                        each(&Event::provider_time), each(&Event::subject), each(&Event::ordering_key),
                        each(&Event::content_type), each(&Event::traceparent), bytes(&Event::headers),
                        bytes(&Event::body), slices(&Slice::of), slices(&Slice::offset),
                        slices(&Slice::length));
}

std::vector<Event> read(Transaction& transaction, std::span<const Uuid> ids) {
    std::vector<Event> events;
    const Rows rows = transaction.execute(select_events, ids);
    events.reserve(rows.size());
    for (const Row row : rows) events.push_back(event_of(row));
    return events;
}

}  // namespace tollgate::archive
