#include "delivery/queue.hpp"

#include <map>

#include "postgres/columns.hpp"

namespace tollgate::delivery {

namespace {

using postgres::column;
using postgres::Transaction;

// As many events as a card, and as a bundle, can look at; each says how many there are.
constexpr std::int64_t storm_events_max = 500;
constexpr std::int64_t told_events_max = 500;
constexpr std::size_t siblings_max = 100;  // of one fact

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
             "select d.delivery, e.event_id, e.fact, v.at, v.value, c.facts "
             "from unnest($1, $2) w(tenant, delivery) join delivery.delivery d using (tenant, delivery) "
             "cross join lateral (select count(distinct a.fact) as facts from delivery.delivery_event a "
             "where a.tenant = d.tenant and a.delivery = coalesce(d.of_delivery, d.delivery) "
             "and not a.is_late) c "
             "cross join lateral (select n.event_id, n.fact from delivery.delivery_event n "
             "where n.tenant = d.tenant and n.delivery = coalesce(d.of_delivery, d.delivery) "
             "and not n.is_late order by n.event_id desc limit $3) e "
             "join delivery.event v on v.tenant = d.tenant and v.event_id = e.event_id "
             "where d.kind not in ('storm', 'digest') order by v.at, e.event_id",
             column(all, [](const Claimed& each) { return each.tenant; }),
             column(all, [](const Claimed& each) { return each.delivery; }), told_events_max)) {
        Claimed& claimed = *by_id.at(row.get<Uuid>(0));
        claimed.facts = static_cast<std::size_t>(row.get<std::int64_t>(5));
        if (auto told = told_in(row)) claimed.told.push_back(std::move(*told));
    }
}

// All of what a digest counts, a part of it at a time: of one fact there are several events, which come one
// after the other.
void read_digest(Transaction& tx, Claimed& digest) {
    tx.execute(
        "declare told no scroll cursor for select null::uuid, e.event_id, e.fact, v.at, v.value "
        "from delivery.delivery_event e join delivery.event v on v.tenant = e.tenant and v.event_id = "
        "e.event_id where e.tenant = $1 and e.delivery = $2 and not e.is_late order by e.fact, e.event_id",
        digest.tenant, digest.delivery);
    std::vector<ToldEvent> fact;
    const auto add_fact = [&] {
        if (fact.empty()) return;
        digest.digest.add(each_fact(fact).front());
        if (digest.told.empty()) digest.told.push_back(fact.front());
        fact.clear();
    };
    for (bool is_over = false; !is_over;) {
        const postgres::Rows rows = tx.execute("fetch 500 from told");
        is_over = rows.empty();
        for (const postgres::Row row : rows) {
            auto told = told_in(row);
            if (!told) continue;
            if (!fact.empty() && fact.front().fact != told->fact) add_fact();
            if (fact.size() < siblings_max) fact.push_back(std::move(*told));
        }
    }
    add_fact();
    tx.execute("close told");
    digest.facts = digest.digest.count();
}

// A card tells of all of its storm, whichever card they came with, and of the messages that it began with.
void read_storm(Transaction& tx, Claimed& card) {
    for (const postgres::Row row :
         tx.execute("select null::uuid, newest.event_id, newest.fact, v.at, v.value, newest.facts "
                    "from (select t.event_id, t.fact, count(*) filter (where t.is_first) over () as facts "
                    "from delivery.told_in_storm($1, $2, $3, $4) t order by t.event_id desc limit $5) newest "
                    "join delivery.event v on v.tenant = $1 and v.event_id = newest.event_id "
                    "order by v.at, newest.event_id",
                    card.tenant, card.destination, card.layout, card.story_id, storm_events_max)) {
        card.facts = static_cast<std::size_t>(row.get<std::int64_t>(5));
        if (auto told = told_in(row)) card.told.push_back(std::move(*told));
    }
    const auto rows = tx.execute("select * from delivery.storm_figures($1, $2, $3, $4)", card.tenant,
                                 card.destination, card.layout, card.story_id);
    card.usual = static_cast<std::uint32_t>(rows.only().get<std::int64_t>(0));
    card.recovered = static_cast<std::uint32_t>(rows.only().get<std::int64_t>(1));
}

}  // namespace

std::vector<Claimed> claim(Transaction& tx, const Uuid& sender, const ClaimLimits& limits) {
    std::vector<Uuid> tenants;
    std::vector<Uuid> attempts;
    for (const postgres::Row row :
         tx.execute("select tenant, attempt from delivery.claim($1, $2, $3, $4, $5)", sender, limits.most,
                    limits.lane_most, limits.lease, limits.kept)) {
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
        if (each.kind == "digest") read_digest(tx, each);
    }
    return all;
}

// What waits for a destination that takes nothing is late for its sake, and so it is in `oldest_waiting` and
// not in `oldest_due`.
Standing read_standing(Transaction& tx) {
    const auto rows = tx.execute(
        "with stopped as materialized (select l.tenant, l.destination, x.disabled_at is not null "
        "or t.disabled_at is not null as on_purpose from delivery.lane l "
        "join tenants.destination x using (tenant, destination) join tenants.tenant t using (tenant) "
        "where x.disabled_at is not null or t.disabled_at is not null or l.broken_at >= x.secret_since "
        "or l.open_until > clock_timestamp() or l.paused_until > clock_timestamp()), "
        "known as (select d.*, s.destination is not null as is_stopped, coalesce(s.on_purpose, false) as "
        "on_purpose from delivery.delivery d left join stopped s using (tenant, destination) "
        "where d.state in ('waiting', 'dead', 'unknown')) "
        "select count(*) filter (where state = 'waiting'), count(*) filter (where state = 'dead'), "
        "count(*) filter (where state = 'unknown'), coalesce(extract(epoch from clock_timestamp() - "
        "min(due_at) filter (where state = 'waiting' and due_at < clock_timestamp() and not is_stopped)), "
        "0)::bigint, coalesce(extract(epoch from clock_timestamp() - min(created_at) filter (where "
        "state = 'waiting' and kind = 'message' and not on_purpose and (due_at < clock_timestamp() or "
        "attempts "
        "> 0) and coalesce(held_until < clock_timestamp(), true))), 0)::bigint, "
        "(select count(*) from delivery.lane l join tenants.destination x using (tenant, destination) "
        "where l.broken_at >= x.secret_since and x.disabled_at is null), "
        "(select count(*) from delivery.lane l where l.open_until is not null) from known");
    const postgres::Row row = rows.only();
    return {.waiting = row.get<std::int64_t>(0),
            .dead = row.get<std::int64_t>(1),
            .unknown = row.get<std::int64_t>(2),
            .oldest_due = std::chrono::seconds{row.get<std::int64_t>(3)},
            .oldest_waiting = std::chrono::seconds{row.get<std::int64_t>(4)},
            .broken = row.get<std::int64_t>(5),
            .open_breakers = row.get<std::int64_t>(6)};
}

bool is_any_due(Transaction& tx) {
    return tx
        .execute(
            "select exists (select from delivery.lane l cross join lateral (select from delivery.delivery d "
            "where d.tenant = l.tenant and d.destination = l.destination and d.state = 'waiting' "
            "and d.due_at <= clock_timestamp() limit 1) due)")
        .only()
        .get<bool>(0);
}

bool forget(Transaction& tx, std::int32_t at_most) {
    return tx.execute("select delivery.forget($1)", at_most).only().get<std::int64_t>(0) < at_most;
}

std::int64_t lapse(Transaction& tx) {
    return tx.execute("select delivery.lapse()").only().get<std::int64_t>(0);
}

}  // namespace tollgate::delivery
