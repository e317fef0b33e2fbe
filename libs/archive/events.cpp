#include "archive/events.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "archive/event_arrays.hpp"

namespace tollgate::archive {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::SqlError;
using postgres::Transaction;

const std::string& insert_events() {
    static const std::string sql = fmt::format("insert into archive.event ({}) select * from unnest({})",
                                               event_columns, event_parameters);
    return sql;
}

const std::string& select_events() {
    static const std::string sql = fmt::format("select {} from archive.read_events($1)", event_columns);
    return sql;
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
                .traceparent = row.get<std::optional<std::string>>(10),
                .account = row.get<std::optional<std::string>>(11),
                .mode = row.get<std::optional<std::string>>(12),
                .proof = row.get<std::optional<std::string>>(13),
                .secret = row.get<std::optional<Uuid>>(14),
                .received_from = row.get<std::optional<std::string>>(15)};
    if (!row.is_null(18)) {
        event.slice = Slice{.of = row.get<Uuid>(18),
                            .offset = row.get<std::int32_t>(19),
                            .length = row.get<std::int32_t>(20)};
    }
    const auto headers = row.get<std::optional<std::string_view>>(16);
    const auto body = row.get<std::optional<std::string_view>>(17);
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
    std::vector<const Event*> all;
    for (const Event& event : events) all.push_back(&event);
    std::apply([&](const auto&... arrays) { transaction.execute(insert_events(), arrays...); },
               event_arrays(all));
}

std::vector<Event> read(Transaction& transaction, std::span<const Uuid> ids) {
    std::vector<Event> events;
    const Rows rows = transaction.execute(select_events(), ids);
    events.reserve(rows.size());
    for (const Row row : rows) events.push_back(event_of(row));
    return events;
}

}  // namespace tollgate::archive
