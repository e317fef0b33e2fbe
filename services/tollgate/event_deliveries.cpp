#include "tollgate/event_deliveries.hpp"

#include <algorithm>

#include "delivery/reports.hpp"

namespace tollgate {

namespace {

// A message may be older than its event, which joined it.
Timestamp planned_at(postgres::Transaction& tx, const delivery::DeliveryRow& row, const Uuid& event) {
    const auto rows = tx.execute("select planned_at from delivery.event where tenant = $1 and event_id = $2",
                                 row.tenant, event);
    return rows.empty() ? row.created_at : std::max(row.created_at, rows.only().get<Timestamp>(0));
}

// What operators ordered of it; its row has only what came of that.
void add_deeds(postgres::Transaction& tx, const delivery::DeliveryRow& row, consumer::EventStory& story) {
    for (const postgres::Row deed :
         tx.execute("select at, verb, format('by %s: %s', actor, coalesce(reason, 'no reason given')), "
                    "arguments ->> 'was' from tenants.audit where tenant = $1 and verb in ('delivery retry', "
                    "'delivery discard', 'delivery settle') and arguments ->> 'delivery' = $2 order by id",
                    row.tenant, row.id.text())) {
        const auto was = deed.get<std::optional<std::string>>(3);
        story.happenings.push_back(
            {.at = deed.get<Timestamp>(0),
             .what = deed.get<std::string>(1).substr(std::string_view{"delivery "}.size()),
             .consumer = "delivery",
             .detail = deed.get<std::string>(2) + (was ? "; it was " + *was : "")});
    }
}

void add(const delivery::DeliveryDetails& details, Timestamp planned, consumer::EventStory& story) {
    const delivery::DeliveryRow& row = details.delivery;
    const auto happened = [&](Timestamp at, std::string what, std::string detail) {
        story.happenings.push_back(
            {.at = at, .what = std::move(what), .consumer = "delivery", .detail = std::move(detail)});
    };
    happened(planned, planned > row.created_at ? "joined a message" : "planned a message",
             fmt::format("to {}, by rule \"{}\" (delivery {})", row.destination, row.why, row.id));
    for (const auto& each : details.attempts) {
        happened(each.ended_at.value_or(each.started_at), fmt::format("attempt {}", each.number),
                 fmt::format("{}{}{}", each.outcome.value_or("under way"), each.reason ? ": " : "",
                             each.reason.value_or("")));
    }
    if (!row.settled_at) return;
    const std::string what =
        row.reason.value_or(fmt::format("to {}: {}", row.destination, row.headline.value_or(row.layout)));
    happened(*row.settled_at, row.state,
             row.settled_by ? fmt::format("by {}: {}", *row.settled_by, what) : what);
}

}  // namespace

Result<void> add_deliveries(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event,
                            consumer::EventStory& story) {
    const auto deliveries = delivery::list_deliveries(tx, actor, {.event = event});
    if (!deliveries) return std::unexpected{deliveries.error()};
    for (const delivery::DeliveryRow& row : *deliveries) {
        const auto details = delivery::show_delivery(tx, actor, row.id);
        if (!details) return std::unexpected{details.error()};
        add(*details, planned_at(tx, row, event), story);
        add_deeds(tx, row, story);
    }
    consumer::put_in_order(story.happenings);
    return {};
}

}  // namespace tollgate
