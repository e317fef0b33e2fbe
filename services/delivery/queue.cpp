#include "delivery/queue.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "consumer/dead_letter.hpp"
#include "journal/append.hpp"
#include "postgres/columns.hpp"
#include "telemetry/text.hpp"

namespace tollgate::delivery {

namespace {

using postgres::column;
using postgres::Transaction;

constexpr std::size_t reason_bytes_max = 2000;

// As many as a card can look at; it says how many there are.
constexpr std::int64_t storm_events_max = 500;

std::optional<KnownStory> story_in(const postgres::Row& row) {
    if (row.is_null(18)) return std::nullopt;
    const auto text = [&](std::size_t at) { return row.get<std::optional<std::string>>(at).value_or(""); };
    return KnownStory{.told = row.get<std::int32_t>(18),
                      .began = row.get<std::string>(19),
                      .priority = row.get<std::int32_t>(20),
                      .happened = row.get<std::optional<Timestamp>>(21),
                      .version = row.get<std::int64_t>(22),
                      .channel = text(23),
                      .ts = text(24),
                      .is_fixed = row.get<bool>(25)};
}

Claimed claimed_in(const postgres::Row& row) {
    const auto text = [&](std::size_t at) { return row.get<std::optional<std::string>>(at).value_or(""); };
    return {.tenant = row.get<Uuid>(0),
            .delivery = row.get<Uuid>(1),
            .destination = row.get<Uuid>(2),
            .attempt = row.get<Uuid>(3),
            .kind = row.get<std::string>(4),
            .layout = row.get<std::string>(5),
            .why = row.get<std::string>(6),
            .mention = text(7),
            .story_kind = text(8),
            .story_id = text(9),
            .priority = row.get<std::int32_t>(10),
            .may_be_repeat = row.get<bool>(11),
            .held_back = row.get<bool>(12),
            .replayed = row.get<bool>(13),
            .as_text = row.get<bool>(14),
            .at_top = row.get<bool>(15),
            .clock = {.now = row.get<Timestamp>(16),
                      .utc_offset = std::chrono::seconds{row.get<std::int64_t>(17)}},
            .story = story_in(row),
            .ends_storm = row.get<bool>(26),
            .told = {}};
}

std::optional<ToldEvent> told_in(const postgres::Row& row) {
    auto event = events::decode_payment_event(row.get<std::string_view>(4));
    // It was read when it was planned.
    if (!event) return std::nullopt;
    return ToldEvent{.id = row.get<Uuid>(1),
                     .fact = row.get<Uuid>(2),
                     .at = row.get<Timestamp>(3),
                     .event = std::move(*event)};
}

// What each of them tells of; an update of what another one told.
void read_events(Transaction& tx, std::vector<Claimed>& all) {
    std::map<Uuid, Claimed*> by_id;
    for (Claimed& each : all) by_id[each.delivery] = &each;
    for (const postgres::Row row : tx.execute(
             "select d.delivery, e.event_id, e.fact, v.at, v.value "
             "from unnest($1, $2) w(tenant, delivery) join delivery.delivery d using (tenant, delivery) "
             "join delivery.delivery_event e on e.tenant = d.tenant and e.delivery = coalesce(d.of_delivery, "
             "d.delivery) join delivery.event v on v.tenant = e.tenant and v.event_id = e.event_id "
             "where d.kind <> 'storm' and not e.is_late order by v.at, e.event_id",
             column(all, [](const Claimed& each) { return each.tenant; }),
             column(all, [](const Claimed& each) { return each.delivery; }))) {
        if (auto told = told_in(row)) by_id.at(row.get<Uuid>(0))->told.push_back(std::move(*told));
    }
}

// A card tells of all of its storm, whichever card they came with.
void read_storm(Transaction& tx, Claimed& card) {
    for (
        const postgres::Row row : tx.execute(
            "select * from (select d.delivery, e.event_id, e.fact, v.at, v.value, count(*) over () as events "
            "from delivery.delivery d join delivery.delivery_event e on e.tenant = d.tenant and e.delivery = "
            "d.delivery join delivery.event v on v.tenant = e.tenant and v.event_id = e.event_id "
            "where d.tenant = $1 and d.destination = $2 and d.kind = 'storm' and d.story_id = $3 "
            "order by v.at desc, e.event_id desc limit $4) newest order by at, event_id",
            card.tenant, card.destination, card.story_id, storm_events_max)) {
        card.storm_events = static_cast<std::size_t>(row.get<std::int64_t>(5));
        if (auto told = told_in(row)) card.told.push_back(std::move(*told));
    }
}

struct Dead {
    Uuid tenant;
    Uuid delivery;
    std::string reason;
    std::int32_t attempts = 0;
};

void tell_of_deaths(Transaction& tx, const std::vector<Dead>& dead, std::string_view build) {
    if (dead.empty()) return;
    std::map<Uuid, const Dead*> by_id;
    for (const Dead& each : dead) by_id[each.delivery] = &each;
    std::vector<journal::NewEntry> entries;
    for (const postgres::Row row :
         tx.execute("select distinct on (e.delivery) e.tenant, e.delivery, e.event_id, x.slug "
                    "from unnest($1, $2) w(tenant, delivery) join delivery.delivery_event e using (tenant, "
                    "delivery) "
                    "join tenants.destination x on x.tenant = e.tenant and x.destination = e.destination "
                    "order by e.delivery, e.event_id",
                    column(dead, [](const Dead& each) { return each.tenant; }),
                    column(dead, [](const Dead& each) { return each.delivery; }))) {
        const Dead& each = *by_id.at(row.get<Uuid>(1));
        const boost::json::object headers{{"stage", "send"},
                                          {"tollgate_consumer", "delivery"},
                                          {"tollgate_delivery", each.delivery.text()},
                                          {"tollgate_destination", row.get<std::string>(3)},
                                          {"tollgate_reason", each.reason},
                                          {"tollgate_fingerprint", consumer::fingerprint(each.reason)},
                                          {"tollgate_attempts", std::to_string(each.attempts)},
                                          {"tollgate_build", build},
                                          {"tollgate_died_at", to_rfc3339(SystemClock{}.now())},
                                          {"tollgate_topic", "payment"}};
        entries.push_back({.tenant = row.get<Uuid>(0),
                           .topic = consumer::dead_letter_topic("delivery"),
                           .event_id = row.get<Uuid>(2),
                           .headers = boost::json::serialize(headers)});
    }
    journal::append(tx, entries);
}

}  // namespace

std::string_view name(OutcomeKind kind) {
    constexpr std::array<std::string_view, 9> names{"delivered",       "retry",         "retry_as_text",
                                                    "retry_top_level", "reply_instead", "refresh_token",
                                                    "confirm",         "reconnect",     "dead"};
    const auto at = static_cast<std::size_t>(kind);
    return at < names.size() ? names.at(at) : "unknown";
}

std::vector<Claimed> claim(Transaction& tx, const Uuid& sender, const ClaimLimits& limits) {
    std::vector<Uuid> tenants;
    std::vector<Uuid> attempts;
    for (const postgres::Row row : tx.execute("select tenant, attempt from delivery.claim($1, $2, $3, $4)",
                                              sender, limits.most, limits.lane_most, limits.lease)) {
        tenants.push_back(row.get<Uuid>(0));
        attempts.push_back(row.get<Uuid>(1));
    }
    std::vector<Claimed> all;
    if (tenants.empty()) return all;
    // In a statement of its own, which sees what was claimed also if it was planned a moment ago.
    for (const postgres::Row row : tx.execute(
             "select d.tenant, d.delivery, d.destination, d.attempt, d.kind, d.layout, d.why, d.mention, "
             "d.story_kind, "
             "d.story_id, d.priority, d.may_be_repeat, d.held_back, d.replayed, d.as_text, d.at_top, "
             "clock_timestamp(), extract(epoch from (now() at time zone t.time_zone) - (now() at time zone "
             "'UTC'))::bigint, s.told, s.began, s.priority, s.happened, s.version, s.channel, s.ts, "
             "s.is_fixed, "
             "d.key like '%/end' from unnest($1, $2) c(tenant, attempt) "
             "join delivery.attempt a using (tenant, attempt) "
             "join delivery.delivery d on d.tenant = a.tenant and d.delivery = a.delivery "
             "join tenants.tenant t on t.tenant = d.tenant left join delivery.story s on s.tenant = d.tenant "
             "and s.destination = d.destination and s.kind = d.story_kind and s.id = d.story_id "
             "and s.last_at > now() - interval '30 days'",
             tenants, attempts))
        all.push_back(claimed_in(row));
    read_events(tx, all);
    for (Claimed& each : all) {
        if (each.kind == "storm") read_storm(tx, each);
    }
    return all;
}

// What a message that arrived, or an update that did not, makes of its story.
void tell_story(Transaction& tx, const Ended& ended, const Uuid& delivery, std::string_view state) {
    const Posted posted{.tenant = ended.tenant,
                        .destination = ended.destination,
                        .delivery = delivery,
                        .channel = ended.outcome.channel,
                        .ts = ended.outcome.ts};
    if (ended.outcome.kind == OutcomeKind::reply_instead) fix(tx, posted);
    if (ended.story && state == "delivered") note(tx, posted, *ended.story);
}

std::size_t settle(Transaction& tx, std::span<const Ended> ended, const RetryLimits& limits) {
    // In the order in which all senders lock the lanes.
    std::vector<const Ended*> in_order;
    for (const Ended& each : ended) in_order.push_back(&each);
    std::ranges::sort(in_order, {}, [](const Ended* each) {
        return std::tuple{each->tenant, each->destination, each->attempt};
    });
    std::vector<Dead> dead;
    for (const Ended* const each : in_order) {
        const Outcome& outcome = each->outcome;
        const auto row = tx.execute(
            "select s.tenant, s.delivery, s.state, s.reason, s.attempts from delivery.attempt a "
            "cross join lateral delivery.settle(row($1, $2, $3, $4, $5, $6, $7, $8, $9)::delivery.settled, "
            "$10, "
            "$11 * power(2, least(a.number - 1, 20)) * random()) s where a.attempt = $1",
            each->attempt, name(outcome.kind),
            telemetry::printable(std::string_view{outcome.reason}.substr(0, reason_bytes_max)), outcome.code,
            outcome.after ? std::optional{std::chrono::milliseconds{*outcome.after}} : std::nullopt,
            outcome.pauses_destination, outcome.channel, outcome.ts, each->headline, limits.age_max,
            limits.backoff.base);
        const postgres::Row settled = row.only();
        tell_story(tx, *each, settled.get<Uuid>(1), settled.get<std::string_view>(2));
        if (settled.get<std::string_view>(2) != "dead") continue;
        dead.push_back({.tenant = settled.get<Uuid>(0),
                        .delivery = settled.get<Uuid>(1),
                        .reason = settled.get<std::optional<std::string>>(3).value_or(""),
                        .attempts = settled.get<std::int32_t>(4)});
    }
    tell_of_deaths(tx, dead, limits.build);
    return dead.size();
}

Standing read_standing(Transaction& tx) {
    const auto rows = tx.execute(
        "select count(*) filter (where d.state = 'waiting'), count(*) filter (where d.state = 'dead'), "
        "count(*) filter (where d.state = 'unknown'), coalesce(extract(epoch from clock_timestamp() - "
        "min(d.due_at) filter (where d.state = 'waiting' and d.due_at < clock_timestamp())), "
        "0)::bigint, "
        "(select count(*) from delivery.lane l join tenants.destination x using (tenant, destination) "
        "where l.broken_at >= x.secret_since and x.disabled_at is null), "
        "(select count(*) from delivery.lane l where l.open_until is not null) "
        "from delivery.delivery d where d.state in ('waiting', 'dead', 'unknown')");
    const postgres::Row row = rows.only();
    return {.waiting = row.get<std::int64_t>(0),
            .dead = row.get<std::int64_t>(1),
            .unknown = row.get<std::int64_t>(2),
            .oldest_due = std::chrono::seconds{row.get<std::int64_t>(3)},
            .broken = row.get<std::int64_t>(4),
            .open_breakers = row.get<std::int64_t>(5)};
}

std::int64_t forget(Transaction& tx) {
    constexpr std::int32_t at_most = 1000;
    return tx.execute("select delivery.forget($1)", at_most).only().get<std::int64_t>(0);
}

std::int64_t lapse(Transaction& tx) {
    return tx.execute("select delivery.lapse()").only().get<std::int64_t>(0);
}

}  // namespace tollgate::delivery
