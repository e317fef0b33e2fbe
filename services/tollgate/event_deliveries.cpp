#include "tollgate/event_deliveries.hpp"

#include <algorithm>

#include "delivery/reports.hpp"

namespace tollgate {

namespace {

void add(const delivery::DeliveryDetails& details, consumer::EventStory& story) {
    const delivery::DeliveryRow& row = details.delivery;
    const auto happened = [&](Timestamp at, std::string what, std::string detail) {
        story.happenings.push_back(
            {.at = at, .what = std::move(what), .consumer = "delivery", .detail = std::move(detail)});
    };
    happened(row.created_at, "planned a message",
             fmt::format("to {}, by rule \"{}\" (delivery {})", row.destination, row.why, row.id));
    for (const auto& each : details.attempts) {
        happened(each.ended_at.value_or(each.started_at), fmt::format("attempt {}", each.number),
                 fmt::format("{}{}{}", each.outcome.value_or("under way"), each.reason ? ": " : "",
                             each.reason.value_or("")));
    }
    if (!row.settled_at) return;
    happened(*row.settled_at, row.state,
             row.reason ? *row.reason
                        : fmt::format("to {}: {}", row.destination, row.headline.value_or(row.layout)));
}

}  // namespace

Result<void> add_deliveries(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event,
                            consumer::EventStory& story) {
    const auto deliveries = delivery::list_deliveries(tx, actor, {.event = event});
    if (!deliveries) return std::unexpected{deliveries.error()};
    for (const delivery::DeliveryRow& row : *deliveries) {
        const auto details = delivery::show_delivery(tx, actor, row.id);
        if (!details) return std::unexpected{details.error()};
        add(*details, story);
    }
    std::ranges::sort(story.happenings, {}, &consumer::Happening::at);
    return {};
}

}  // namespace tollgate
