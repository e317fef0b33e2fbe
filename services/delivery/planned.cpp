#include "delivery/planned.hpp"

#include "postgres/columns.hpp"

namespace tollgate::delivery {

using postgres::column;

void keep(postgres::Transaction& tx, std::span<const PlannedEvent> events) {
    using Each = PlannedEvent;
    tx.execute(
        "insert into delivery.event (tenant, event_id, fact, at, value) select * from unnest($1, $2, $3, $4, "
        "$5) "
        "on conflict (tenant, event_id) do update set at = excluded.at, value = excluded.value",
        column(events, [](const Each& each) { return each.tenant; }),
        column(events, [](const Each& each) { return each.event; }),
        column(events, [](const Each& each) { return each.fact; }),
        column(events, [](const Each& each) { return each.at; }),
        column(events, [](const Each& each) { return postgres::Bytes{each.value}; }));
}

std::optional<std::chrono::milliseconds> put(postgres::Transaction& tx, std::span<const Planned> planned) {
    using Each = Planned;
    const auto each = [&](auto member) {
        return column(planned, [member](const Each& one) { return one.*member; });
    };
    const auto text = [&](auto member) {
        return column(planned, [member](const Each& one) {
            const std::string_view words = one.*member;
            return words.empty() ? std::nullopt : std::optional{words};
        });
    };
    const auto rows = tx.execute(
        "select (extract(epoch from delivery.put_all(array("
        "select row(p.tenant, p.destination, p.event, p.fact, p.way, p.hold, p.why, p.layout, "
        "p.priority, p.mention, p.story_kind, p.story_id, p.replayed)::delivery.planned "
        "from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) with ordinality "
        "p(tenant, destination, event, fact, way, hold, why, layout, priority, mention, story_kind, "
        "story_id, replayed, place) order by p.tenant, p.destination, p.place)) - clock_timestamp()) "
        "* 1000)::bigint",
        each(&Each::tenant), each(&Each::destination), each(&Each::event), each(&Each::fact),
        column(planned, [](const Each& one) { return name(one.way); }), each(&Each::hold_in_quiet),
        each(&Each::why), each(&Each::layout), each(&Each::priority), text(&Each::mention),
        text(&Each::story_kind), text(&Each::story_id), each(&Each::replayed));
    const auto due_in = rows.only().get<std::optional<std::int64_t>>(0);
    return due_in ? std::optional{std::chrono::milliseconds{*due_in}} : std::nullopt;
}

}  // namespace tollgate::delivery
