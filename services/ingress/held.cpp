#include "ingress/held.hpp"

#include <array>

#include "journal/append.hpp"
#include "tenants/audit.hpp"

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

Result<HeldEvent> settle(Transaction& tx, const Actor& actor, const Uuid& event, std::string_view reason,
                         std::string_view verb, const std::string& state) {
    if (const auto admitted = tenants::admit(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    if (reason.empty()) return fail(ErrorCode::invalid, "say why with --reason: it stands in the audit log");
    const auto held = find(tx, event, "for update of h");
    if (!held) return held;
    if (held->state != "held") {
        return fail(ErrorCode::conflict, "event {} was {} by {} already", event, held->state,
                    held->settled_by.value_or("somebody"));
    }
    tx.execute(
        "update ingress.held set state = $3, settled_at = now(), settled_by = $4 where tenant = $1 and "
        "event_id = $2",
        held->tenant, event, state, actor.name);
    tenants::record(tx, actor,
                    {.verb = verb,
                     .tenant = held->tenant,
                     .arguments = {{"event_id", event.text()}},
                     .result = {{"state", state}, {"conflicts_with", held->conflicts_with.text()}},
                     .reason = reason});
    return find(tx, event, "");
}

}  // namespace

Result<std::vector<HeldEvent>> list_held(Transaction& tx, const Actor& actor, const HeldFilter& filter) {
    std::optional<Uuid> tenant;
    if (filter.tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, Role::viewer, *filter.tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        tenant = admitted->id;
    } else if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    const Rows rows = tx.execute(
        fmt::format("select {} from ingress.held h join tenants.tenant t using (tenant) "
                    "where ($1::uuid is null or h.tenant = $1) and ($2::text is null or h.source = $2) "
                    "and ($3 or h.state = 'held') order by h.held_at, h.event_id limit $4",
                    columns),
        tenant, filter.source, filter.settled_too, filter.limit);
    std::vector<HeldEvent> held;
    for (const Row row : rows) held.push_back(held_of(row));
    return held;
}

Result<HeldEvent> show_held(Transaction& tx, const Actor& actor, const Uuid& event) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return find(tx, event, "");
}

Result<HeldEvent> release_held(Transaction& tx, const Actor& actor, const Uuid& event,
                               std::string_view reason) {
    auto released = settle(tx, actor, event, reason, "held release", "released");
    if (!released) return released;
    const std::array entries{
        journal::NewEntry{.tenant = released->tenant, .topic = "raw", .event_id = event}};
    journal::append(tx, entries);
    return released;
}

Result<HeldEvent> discard_held(Transaction& tx, const Actor& actor, const Uuid& event,
                               std::string_view reason) {
    return settle(tx, actor, event, reason, "held discard", "discarded");
}

}  // namespace tollgate::ingress
