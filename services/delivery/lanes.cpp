#include "delivery/lanes.hpp"

#include "telemetry/log.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::string_view columns =
    "select l.tenant, l.destination, x.slug, l.broken_at, l.open_until, l.paused_until, "
    "coalesce(l.broken_reason, l.pause_reason, '') from delivery.lane l "
    "join tenants.destination x using (tenant, destination)";

LaneStanding standing_in(const postgres::Row& row) {
    return {.tenant = row.get<Uuid>(0),
            .destination = row.get<Uuid>(1),
            .destination_slug = row.get<std::string>(2),
            .broken_at = row.get<std::optional<Timestamp>>(3),
            .left_alone = row.get<std::optional<Timestamp>>(4),
            .paused_until = row.get<std::optional<Timestamp>>(5),
            .reason = row.get<std::string>(6)};
}

std::vector<LaneStanding> all_of(const postgres::Rows& rows) {
    std::vector<LaneStanding> all;
    for (const postgres::Row row : rows) all.push_back(standing_in(row));
    return all;
}

}  // namespace

std::vector<LaneStanding> hold_lanes(postgres::Transaction& tx, std::span<const Uuid> tenants,
                                     std::span<const Uuid> destinations) {
    return all_of(tx.execute(fmt::format("{} where (l.tenant, l.destination) in (select * from unnest($1, "
                                         "$2)) order by l.tenant, l.destination for update of l",
                                         columns),
                             tenants, destinations));
}

std::vector<LaneStanding> troubled_lanes(postgres::Transaction& tx) {
    return all_of(
        tx.execute(fmt::format("{} where l.open_until is not null or l.broken_at >= x.secret_since "
                               "or l.paused_until > clock_timestamp() "
                               "order by l.tenant, l.destination",
                               columns)));
}

std::vector<LaneChange> changes(std::span<const LaneStanding> before, std::span<const LaneStanding> after) {
    using What = LaneChange::What;
    std::vector<LaneChange> all;
    for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
        const LaneStanding& was = before[i];
        const LaneStanding& is = after[i];
        if (!was.broken_at && is.broken_at) {
            all.push_back({What::broke, is});
        } else if (!was.left_alone && is.left_alone) {
            all.push_back({What::breaker_opened, is});
        } else if (was.left_alone && !is.left_alone) {
            all.push_back({What::breaker_closed, is});
        }
    }
    return all;
}

void log(const LaneChange& change) {
    namespace log = telemetry::log;
    const LaneStanding& now = change.now;
    switch (change.what) {
        case LaneChange::What::broke:
            log::warning(
                "a destination takes nothing any more: reconnect it",
                {{"tenant", now.tenant}, {"destination", now.destination_slug}, {"error", now.reason}});
            break;
        case LaneChange::What::breaker_opened:
            log::warning(
                "calls to a destination fail one after the other: it is left alone for a while, and "
                "tried again then",
                {{"tenant", now.tenant},
                 {"destination", now.destination_slug},
                 {"until", now.left_alone ? to_rfc3339(*now.left_alone) : ""}});
            break;
        case LaneChange::What::breaker_closed:
            log::info("a destination that was left alone takes messages again",
                      {{"tenant", now.tenant}, {"destination", now.destination_slug}});
            break;
    }
}

}  // namespace tollgate::delivery
