#include "delivery/reports.hpp"

#include "delivery/compose.hpp"
#include "delivery/stored_event.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::delivery {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::string_view columns =
    "d.delivery, d.tenant, t.slug, x.slug, d.kind, d.layout, d.priority, d.why, d.state, d.due_at, "
    "d.settled_at, d.settled_by, d.reason, d.attempts, (select count(*) from delivery.delivery_event e "
    "where e.tenant = d.tenant and e.delivery = d.delivery), d.headline, d.created_at "
    "from delivery.delivery d join tenants.tenant t using (tenant) "
    "join tenants.destination x using (tenant, destination)";

DeliveryRow delivery_in(const postgres::Row& row) {
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column); };
    return {.id = row.get<Uuid>(0),
            .tenant = row.get<Uuid>(1),
            .tenant_slug = row.get<std::string>(2),
            .destination = row.get<std::string>(3),
            .kind = row.get<std::string>(4),
            .layout = row.get<std::string>(5),
            .priority = row.get<std::int32_t>(6),
            .why = row.get<std::string>(7),
            .state = row.get<std::string>(8),
            .due_at = row.get<std::optional<Timestamp>>(9),
            .settled_at = row.get<std::optional<Timestamp>>(10),
            .settled_by = text(11),
            .reason = text(12),
            .attempts = row.get<std::int32_t>(13),
            .events = row.get<std::int64_t>(14),
            .headline = text(15),
            .created_at = row.get<Timestamp>(16)};
}

}  // namespace

Result<std::vector<DeliveryRow>> list_deliveries(Transaction& tx, const Actor& actor,
                                                 const DeliveryFilter& filter) {
    std::optional<Uuid> tenant;
    if (filter.tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, Role::viewer, *filter.tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        tenant = admitted->id;
    } else if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    const auto rows = tx.execute(
        fmt::format(
            "select {} where ($1::uuid is null or d.tenant = $1) and ($2::text is null or d.state = $2) "
            "and ($3::text is null or x.slug = $3) and ($4::uuid is null or exists (select from "
            "delivery.delivery_event e where e.tenant = d.tenant and e.delivery = d.delivery "
            "and e.event_id = $4)) order by d.created_at desc, d.delivery limit $5",
            columns),
        tenant, filter.state, filter.destination, filter.event, filter.limit);
    std::vector<DeliveryRow> all;
    for (const postgres::Row row : rows) all.push_back(delivery_in(row));
    return all;
}

Result<DeliveryDetails> show_delivery(Transaction& tx, const Actor& actor, const Uuid& id) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    const auto rows = tx.execute(fmt::format("select {} where d.delivery = $1", columns), id);
    if (rows.empty()) {
        return fail(
            ErrorCode::not_found,
            "there is no delivery {} of a tenant that you may see: `tollgate delivery list` shows those "
            "that are",
            id);
    }
    DeliveryDetails details{.delivery = delivery_in(rows.only()), .events = {}, .attempts = {}};
    const Uuid& tenant = details.delivery.tenant;
    for (const postgres::Row row :
         tx.execute("select e.event_id, v.at, e.is_late from delivery.delivery_event e "
                    "join delivery.event v using (tenant, event_id) "
                    "where e.tenant = $1 and e.delivery = $2 order by v.at, e.event_id",
                    tenant, id)) {
        details.events.push_back(
            {.event = row.get<Uuid>(0), .at = row.get<Timestamp>(1), .is_late = row.get<bool>(2)});
    }
    for (const postgres::Row row :
         tx.execute("select number, started_at, ended_at, outcome, reason, code "
                    "from delivery.attempt where tenant = $1 and delivery = $2 order by number",
                    tenant, id)) {
        details.attempts.push_back({.number = row.get<std::int32_t>(0),
                                    .started_at = row.get<Timestamp>(1),
                                    .ended_at = row.get<std::optional<Timestamp>>(2),
                                    .outcome = row.get<std::optional<std::string>>(3),
                                    .reason = row.get<std::optional<std::string>>(4),
                                    .code = row.get<std::optional<std::string>>(5)});
    }
    return details;
}

Result<Message> preview_event(Transaction& tx, const Actor& actor, const Uuid& event,
                              const std::optional<std::string>& destination) {
    const auto stored = look_at_event(tx, actor, event, "delivery preview");
    if (!stored) return std::unexpected{stored.error()};
    Circumstances circumstances{.clock = stored->clock, .event_id = event.text()};
    if (destination) {
        const auto chosen = tenants::show_destination(tx, actor, stored->tenant.text(), *destination);
        if (!chosen) return std::unexpected{chosen.error()};
        circumstances.tone = chosen->settings.tone == tenants::Tone::playful ? Tone::playful : Tone::neutral;
        circumstances.email_addresses =
            static_cast<EmailAddresses>(static_cast<std::uint8_t>(chosen->settings.email_addresses));
    }
    return compose(stored->event, circumstances);
}

}  // namespace tollgate::delivery
