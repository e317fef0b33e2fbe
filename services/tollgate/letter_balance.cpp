#include "tollgate/letter_balance.hpp"

#include <chrono>

#include "consumer/letters.hpp"

namespace tollgate {

namespace {

using postgres::Row;
using postgres::Transaction;

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

std::string messages_of(const Row& row) {
    const auto number = row.get<std::int64_t>(4);
    return fmt::format("{} message{}", number, number == 1 ? "" : "s");
}

void add_of_other_hours(Transaction& tx, const std::vector<Timestamp>& hours, std::vector<Imbalance>& all) {
    std::vector<Uuid> first;
    std::vector<Uuid> next;
    for (const Timestamp hour : hours) {
        first.push_back(first_uuid_v7_at(hour));
        next.push_back(first_uuid_v7_at(hour + std::chrono::hours{1}));
    }
    for (const Row row :
         tx.execute("select l.tenant, t.slug, l.consumer, l.state, count(*) from consumer.letter l "
                    "left join tenants.tenant t using (tenant) where l.state in ('dead', 'held') "
                    "and (l.refused is null or l.topic in ('raw', 'payment')) and not exists (select from "
                    "unnest($1::uuid[], $2::uuid[]) h(first, next) "
                    "  where l.message_id >= h.first and l.message_id < h.next) "
                    "group by 1, 2, 3, 4 order by 2, 3, 4",
                    first, next)) {
        const auto state = row.get<std::string>(3);
        const bool is_dead = state == "dead";
        all.push_back(found(row, state,
                            fmt::format("{} {} by {}, of events of other hours", messages_of(row),
                                        is_dead ? "given up" : "held", row.get<std::string>(2)),
                            is_dead ? "groups" : "list --state held"));
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
    if (time.hours) add_of_other_hours(tx, *time.hours, all);
    add_refused(tx, time, all);
    return all;
}

}  // namespace tollgate
