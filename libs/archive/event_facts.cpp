#include "archive/event_facts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tollgate::archive {

namespace {

// The range tells Postgres which days it has to look into.
constexpr std::string_view select_facts = R"sql(
    select {} from unnest($1) wanted(one)
    cross join lateral (select * from archive.event e where e.id = wanted.one and e.id between $2 and $3 limit 1) e
)sql";

}  // namespace

EventFacts event_facts_in(const postgres::Row& row) {
    const auto text = [&](std::size_t column) {
        return row.is_null(column) ? std::string{} : row.get<std::string>(column);
    };
    return {.id = row.get<Uuid>(0),
            .tenant = row.get<Uuid>(1),
            .source = text(2),
            .provider = text(3),
            .type = text(4),
            .provider_event_id = text(5),
            .provider_time = row.get<std::optional<Timestamp>>(6),
            .subject = text(7),
            .ordering_key = text(8),
            .content_type = text(9),
            .traceparent = text(10),
            .account = text(11),
            .mode = text(12),
            .proof = text(13)};
}

std::vector<EventFacts> read_event_facts(postgres::Transaction& transaction, std::span<const Uuid> ids) {
    std::vector<EventFacts> facts;
    if (ids.empty()) return facts;
    static const std::string sql = fmt::format(select_facts, event_fact_columns);
    const auto [first, last] = std::ranges::minmax(ids);
    const auto rows = transaction.execute(sql, ids, first, last);
    facts.reserve(rows.size());
    for (const postgres::Row row : rows) facts.push_back(event_facts_in(row));
    return facts;
}

}  // namespace tollgate::archive
