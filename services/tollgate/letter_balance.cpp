#include "tollgate/letter_balance.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "consumer/letters.hpp"

namespace tollgate {

namespace {

using postgres::Row;
using postgres::Transaction;
using std::chrono::hours;

Imbalance found(const Row& row, std::string kind, std::string what, std::string_view verb) {
    const auto slug = row.get<std::optional<std::string>>(1);
    auto consumer = row.get<std::string>(2);
    std::string command = fmt::format("tollgate dead-letter {} {} --consumer {}", verb,
                                      slug ? "--tenant " + *slug : "--all-tenants", consumer);
    return {.kind = std::move(kind),
            .hour = std::nullopt,
            .tenant = row.get<Uuid>(0),
            .tenant_name = slug.value_or(row.get<Uuid>(0).text()),
            .consumer = std::move(consumer),
            .number = row.get<std::int64_t>(4),
            .what = std::move(what),
            .command = std::move(command)};
}

std::string many(std::int64_t number, std::string_view one) {
    return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

std::string messages_of(const Row& row) {
    return many(row.get<std::int64_t>(4), "message");
}

// Ids of the events of other hours, as the statement has them: between `since` and `until`, and in none of
// the others, of which those that follow each other are one.
struct OtherHours {
    explicit OtherHours(const UnbookedTime& time) {
        if (time.since) since = first_uuid_v7_at(std::chrono::floor<hours>(*time.since));
        if (time.until) until = first_uuid_v7_at(std::chrono::ceil<hours>(*time.until));
        std::optional<Timestamp> end;
        for (const Timestamp hour : std::set<Timestamp>{time.hours.begin(), time.hours.end()}) {
            if (hour != end) {
                first.push_back(first_uuid_v7_at(hour));
                next.emplace_back();
            }
            end = hour + hours{1};
            next.back() = first_uuid_v7_at(*end);
        }
    }

    std::optional<Uuid> since;
    std::optional<Uuid> until;
    std::vector<Uuid> first;
    std::vector<Uuid> next;
};

// Of an id, of parameters 1 to 4, and of what has books in the hours that were looked at.
constexpr std::string_view in_time =
    "($1::uuid is null or {0} >= $1) and ($2::uuid is null or {0} < $2) and not exists (select from "
    "unnest($3::uuid[], $4::uuid[]) looked(first, next) where {1} and {0} >= looked.first and {0} < "
    "looked.next)";

// Of what is dead or held, and may be millions, the index alone is read.
constexpr std::string_view other_hours_sql =
    "with found as (select l.tenant, l.consumer, l.state, count(*) as number from ("
    "  select w.tenant, w.consumer, w.state, w.message_id from consumer.work w "
    "    where w.state in ('dead', 'held') union all "
    "  select w.tenant, w.consumer, w.state, w.message_id from consumer.work w "
    "    where w.state = 'retrying' and w.since < $5 union all "
    "  select r.tenant, r.consumer, r.state, r.message_id from consumer.letter r "
    "    where r.refused is not null and r.state = 'dead' and r.topic in ('raw', 'payment')) l "
    "where {} group by 1, 2, 3) "
    "select f.tenant, t.slug, f.consumer, f.state, f.number from found f "
    "left join tenants.tenant t using (tenant) order by 2, 3, 4";

// In the hours of a time that was named is looked at all that is stored.
std::string_view of_which(const UnbookedTime& time) {
    return time.since || time.until ? "of events that are not stored, or not any more"
                                    : "of events of other hours";
}

void add_of_other_hours(Transaction& tx, const UnbookedTime& time, std::vector<Imbalance>& all) {
    const OtherHours other{time};
    const std::string sql =
        fmt::format(other_hours_sql, fmt::format(in_time, "l.message_id", "l.consumer = any ($6)"));
    for (const Row row :
         tx.execute(sql, other.since, other.until, other.first, other.next, time.settled, time.consumers)) {
        const auto consumer = row.get<std::string>(2);
        const auto state = row.get<std::string>(3);
        const bool is_dead = state == "dead";
        const bool has_books = std::ranges::find(time.consumers, consumer) != time.consumers.end();
        const std::string_view became = is_dead           ? "given up"
                                        : state == "held" ? "held"
                                                          : "tried again and again";
        all.push_back(found(row, state,
                            fmt::format("{} {} by {}, {}", messages_of(row), became, consumer,
                                        has_books ? of_which(time) : "which is not registered any more"),
                            is_dead ? "groups" : "list --state " + state));
    }
}

void add_conflicts(Transaction& tx, const UnbookedTime& time, std::vector<Imbalance>& all) {
    const OtherHours other{time};
    for (const Row row :
         tx.execute(fmt::format("select h.tenant, t.slug, count(*) from ingress.held h join tenants.tenant t "
                                "using (tenant) where h.state = 'held' and {} group by 1, 2 order by 2",
                                fmt::format(in_time, "h.event_id", "true")),
                    other.since, other.until, other.first, other.next)) {
        const auto number = row.get<std::int64_t>(2);
        all.push_back({.kind = "conflict",
                       .hour = std::nullopt,
                       .tenant = row.get<Uuid>(0),
                       .tenant_name = row.get<std::string>(1),
                       .consumer = {},
                       .number = number,
                       .what = fmt::format("{} held: an id that came before, with other content; {}",
                                           many(number, "event"), of_which(time)),
                       .command = "tollgate held list --tenant " + row.get<std::string>(1)});
    }
}

void add_refused(Transaction& tx, const UnbookedTime& time, std::vector<Imbalance>& all) {
    for (const Row row : tx.execute(
             "select l.tenant, t.slug, l.consumer, l.topic, count(*) from consumer.letter l "
             "left join tenants.tenant t using (tenant) where l.refused is not null and l.state = 'dead' "
             "and l.topic not in ('raw', 'payment') and ($1::timestamptz is null or l.changed_at >= $1) "
             "and ($2::timestamptz is null or l.changed_at < $2) "
             "group by 1, 2, 3, 4 order by 2, 3, 4",
             time.since, time.until)) {
        all.push_back(found(
            row, "refused",
            fmt::format("{} on {} refused by Kafka for good", messages_of(row), row.get<std::string>(3)),
            "list"));
    }
}

}  // namespace

Result<std::vector<Imbalance>> unbooked(Transaction& tx, const tenants::Actor& actor,
                                        const UnbookedTime& time) {
    const auto admitted =
        consumer::admit_to_letters(tx, actor, tenants::Role::viewer, {.tenant = time.tenant});
    if (!admitted) return std::unexpected{admitted.error()};
    std::vector<Imbalance> all;
    add_of_other_hours(tx, time, all);
    add_conflicts(tx, time, all);
    add_refused(tx, time, all);
    return all;
}

}  // namespace tollgate
