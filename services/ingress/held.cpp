#include "ingress/held.hpp"

#include <utility>

#include "journal/append.hpp"
#include "tenants/audit.hpp"
#include "tenants/reason.hpp"

namespace tollgate::ingress {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::string_view columns =
    "h.event_id, h.tenant, t.slug, h.source, h.provider, h.type, h.provider_event_id, h.conflicts_with, "
    "h.reason, "
    "h.held_at, h.state, h.settled_at, h.settled_by";

HeldEvent held_of(const Row& row) {
    return {.event_id = row.get<Uuid>(0),
            .tenant = row.get<Uuid>(1),
            .tenant_slug = row.get<std::string>(2),
            .source = row.get<std::string>(3),
            .provider = row.get<std::string>(4),
            .type = row.get<std::string>(5),
            .provider_event_id = row.get<std::optional<std::string>>(6),
            .conflicts_with = row.get<Uuid>(7),
            .reason = row.get<std::string>(8),
            .held_at = row.get<Timestamp>(9),
            .state = row.get<std::string>(10),
            .settled_at = row.get<std::optional<Timestamp>>(11),
            .settled_by = row.get<std::optional<std::string>>(12)};
}

Result<HeldEvent> find(Transaction& tx, const Uuid& event, std::string_view lock) {
    const Rows rows = tx.execute(
        fmt::format(
            "select {} from ingress.held h join tenants.tenant t using (tenant) where h.event_id = $1 {}",
            columns, lock),
        event);
    if (rows.empty())
        return fail(ErrorCode::not_found, "no event {} is held: `tollgate held list` shows those that are",
                    event);
    return held_of(rows.only());
}

// Whose held events the filter means; none: all that the actor may see.
Result<std::optional<Uuid>> admit(Transaction& tx, const Actor& actor, Role needed,
                                  const HeldFilter& filter) {
    if (filter.tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, needed, *filter.tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        return admitted->id;
    }
    if (const auto admitted = tenants::admit(tx, actor, needed); !admitted)
        return std::unexpected{admitted.error()};
    return std::nullopt;
}

// What becomes of a held event, and of what is decided on.
struct Decision {
    std::string_view verb;
    std::string state;
    bool goes_on_the_bus;
};
const Decision release{"held release", "released", true};
const Decision discard{"held discard", "discarded", false};

void carry_out(Transaction& tx, const Actor& actor, const Decision& decision,
               const std::vector<Uuid>& tenants, const std::vector<Uuid>& events) {
    tx.execute(
        "update ingress.held set state = $1, settled_at = now(), settled_by = $2 where event_id = any($3)",
        decision.state, actor.name, events);
    tx.execute("select ingress.settle_kept($1)", events);
    if (!decision.goes_on_the_bus) return;
    std::vector<journal::NewEntry> entries;
    entries.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
        entries.push_back({.tenant = tenants[i], .topic = "raw", .event_id = events[i]});
    journal::append(tx, entries);
}

Result<HeldEvent> settle(Transaction& tx, const Actor& actor, const Uuid& event, std::string_view reason,
                         const Decision& decision) {
    if (const auto admitted = tenants::admit(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto given = tenants::require_reason(reason); !given) return std::unexpected{given.error()};
    const auto held = find(tx, event, "for update of h");
    if (!held) return held;
    if (held->state != "held") {
        return fail(ErrorCode::conflict, "event {} was {} by {} already", event, held->state,
                    held->settled_by.value_or("somebody"));
    }
    carry_out(tx, actor, decision, {held->tenant}, {event});
    tenants::record(tx, actor,
                    {.verb = decision.verb,
                     .tenant = held->tenant,
                     .arguments = {{"event_id", event.text()}},
                     .result = {{"state", decision.state}, {"conflicts_with", held->conflicts_with.text()}},
                     .reason = reason});
    return find(tx, event, "");
}

Result<std::int64_t> settle_all(Transaction& tx, const Actor& actor, const HeldFilter& filter,
                                std::string_view reason, const Decision& decision) {
    const auto tenant = admit(tx, actor, Role::operator_, filter);
    if (!tenant) return std::unexpected{tenant.error()};
    if (const auto given = tenants::require_reason(reason); !given) return std::unexpected{given.error()};
    std::vector<Uuid> tenants;
    std::vector<Uuid> events;
    for (const Row row :
         tx.execute("select tenant, event_id from ingress.held where ($1::uuid is null or tenant = $1) "
                    "and ($2::text is null or source = $2) and state = 'held' "
                    "and held_at < coalesce($4, 'infinity'::timestamptz) "
                    "order by held_at, event_id limit $3 for update",
                    *tenant, filter.source, filter.limit, filter.held_before)) {
        tenants.push_back(row.get<Uuid>(0));
        events.push_back(row.get<Uuid>(1));
    }
    if (events.empty()) return 0;
    carry_out(tx, actor, decision, tenants, events);
    boost::json::object arguments{{"all", true}};
    if (filter.source) arguments["source"] = *filter.source;
    tenants::record(tx, actor,
                    {.verb = decision.verb,
                     .tenant = *tenant,
                     .arguments = std::move(arguments),
                     .result = {{"state", decision.state},
                                {"events", events.size()},
                                {"from", events.front().text()},
                                {"to", events.back().text()}},
                     .reason = reason});
    return static_cast<std::int64_t>(events.size());
}

}  // namespace

Result<HeldList> list_held(Transaction& tx, const Actor& actor, const HeldFilter& filter) {
    const auto tenant = admit(tx, actor, Role::viewer, filter);
    if (!tenant) return std::unexpected{tenant.error()};
    const Rows rows = tx.execute(
        fmt::format("select {}, count(*) over () from ingress.held h join tenants.tenant t using (tenant) "
                    "where ($1::uuid is null or h.tenant = $1) and ($2::text is null or h.source = $2) "
                    "and ($3 or h.state = 'held') order by h.held_at, h.event_id limit $4",
                    columns),
        *tenant, filter.source, filter.settled_too, filter.limit);
    HeldList held;
    for (const Row row : rows) {
        held.events.push_back(held_of(row));
        held.more = row.get<std::int64_t>(13) - static_cast<std::int64_t>(held.events.size());
    }
    return held;
}

Result<HeldEvent> show_held(Transaction& tx, const Actor& actor, const Uuid& event) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return find(tx, event, "");
}

Result<HeldContents> read_held(Transaction& tx, const Actor& actor, const Uuid& event) {
    if (const auto admitted = tenants::admit(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    const auto held = find(tx, event, "");
    if (!held) return std::unexpected{held.error()};
    tenants::record(tx, actor,
                    {.verb = "held show",
                     .tenant = held->tenant,
                     .arguments = {{"event_id", event.text()}, {"bodies", true}}});
    HeldContents contents;
    for (const Row row : tx.execute("select event_id, headers, body from ingress.held_bodies($1)", event)) {
        Content content{.headers = std::string{row.get<std::string_view>(1)},
                        .body = std::string{row.get<std::string_view>(2)}};
        (row.get<Uuid>(0) == event ? contents.held : contents.first) = std::move(content);
    }
    return contents;
}

Result<bool> held_of_others(Transaction& tx, const Actor& actor, std::span<const Uuid> events) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return tx.execute("select ingress.held_of_others($1)", events).only().get<bool>(0);
}

Result<HeldEvent> release_held(Transaction& tx, const Actor& actor, const Uuid& event,
                               std::string_view reason) {
    return settle(tx, actor, event, reason, release);
}

Result<HeldEvent> discard_held(Transaction& tx, const Actor& actor, const Uuid& event,
                               std::string_view reason) {
    return settle(tx, actor, event, reason, discard);
}

Result<std::int64_t> release_all_held(Transaction& tx, const Actor& actor, const HeldFilter& filter,
                                      std::string_view reason) {
    return settle_all(tx, actor, filter, reason, release);
}

Result<std::int64_t> discard_all_held(Transaction& tx, const Actor& actor, const HeldFilter& filter,
                                      std::string_view reason) {
    return settle_all(tx, actor, filter, reason, discard);
}

}  // namespace tollgate::ingress
