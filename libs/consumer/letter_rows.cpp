#include "consumer/letter_rows.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::Transaction;

constexpr std::string_view columns =
    "l.consumer, l.message_id, l.tenant, t.slug, l.state, l.cause, l.attempts, l.since, l.due_at, l.reason, "
    "coalesce(l.fingerprint, ''), l.hold, l.changed_at, l.topic, l.log_topic, l.log_partition, "
    "l.log_offset, l.type, l.running, l.refused";

// Without a view's bar between a condition and the index that has it, and in the order of the index where one
// consumer and one state are asked for. What the relay could not pass on is little.
constexpr std::string_view all_letters =
    "(select w.consumer, w.message_id, w.tenant, w.state, w.attempt as attempts, w.fingerprint, "
    "w.changed_at, null::bigint as refused, w.type, w.own_type from consumer.work w union all "
    "select r.consumer, r.message_id, r.tenant, r.state, r.attempts, r.fingerprint, r.changed_at, r.refused, "
    "coalesce(r.type, ''), null from consumer.letter r where r.refused is not null) l";

// Of parameters 1 to 8 but the third; see `select`.
constexpr std::string_view meant_but_for_type =
    "($1::text is null or l.consumer = $1) and ($2 = '' or l.state = $2) "
    "and ($4::text is null or l.fingerprint = $4) and ($5::timestamptz is null or l.changed_at >= $5) "
    "and ($6::timestamptz is null or l.changed_at < $6) and ($7 = 0 or l.attempts >= $7) "
    "and (cardinality($8::uuid[]) = 0 or l.message_id = any ($8)) ";

// A type is the event's, or what the message said of itself. What has lain there since before types were
// noted is looked at one by one. Of a longer one is compared what is noted.
constexpr std::string_view of_type =
    "and ($3::text is null or l.type = left($3, 200) or l.own_type = left($3, 200) or (l.type is null and "
    "exists (select from consumer.letter t where t.consumer = l.consumer and t.message_id = l.message_id "
    "and t.refused is null and (t.type = $3 or consumer.header_of(t.headers, 'ce_type') = $3))))";

std::string_view taken_for(Purpose purpose) {
    switch (purpose) {
        case Purpose::copy:
            return "true";
        case Purpose::discard:
            return "l.state not in ('discarded', 'done')";
        case Purpose::append:
            return "l.refused is not null and l.state = 'dead'";
        case Purpose::replay:
            break;
    }
    // Those of another job that is not at its end are left to it.
    return "l.refused is null and l.state in ('dead', 'held') and not exists (select from "
           "consumer.replay_item i join consumer.replay r on r.id = i.replay where i.message_id = "
           "l.message_id and i.consumer = l.consumer and i.state in ('waiting', 'started') "
           "and r.state in ('running', 'paused'))";
}

// In the statement {0} are the letters, {1} is what the filter means, and {2} what is taken of it; {3} is
// what a filter without a type means.
template <typename... More>
Rows select(Transaction& tx, std::string_view sql, const LetterFilter& filter, Purpose purpose,
            const More&... more) {
    return tx.execute(
        fmt::format(fmt::runtime(sql), all_letters, fmt::format("{}{}", meant_but_for_type, of_type),
                    taken_for(purpose), fmt::format("{}and $3::text is null", meant_but_for_type)),
        filter.consumer, filter.state, filter.type, filter.fingerprint, filter.since, filter.until,
        filter.attempts_min, filter.ids, more...);
}

Letter letter_of(const Row& row) {
    return {.consumer = row.get<std::string>(0),
            .id = row.get<Uuid>(1),
            .tenant = row.get<Uuid>(2),
            .tenant_slug = row.get<std::optional<std::string>>(3),
            .state = row.get<std::string>(4),
            .cause = row.get<std::string>(5),
            .attempts = row.get<std::int32_t>(6),
            .since = row.get<Timestamp>(7),
            .due_at = row.get<std::optional<Timestamp>>(8),
            .reason = row.get<std::string>(9),
            .fingerprint = row.get<std::string>(10),
            .hold = row.get<std::optional<std::string>>(11),
            .changed_at = row.get<Timestamp>(12),
            .topic = row.get<std::string>(13),
            .log_topic = row.get<std::optional<std::string>>(14),
            .log_partition = row.get<std::optional<std::int32_t>>(15),
            .log_offset = row.get<std::optional<std::int64_t>>(16),
            .type = row.get<std::optional<std::string>>(17),
            .running = row.get<bool>(18),
            .refused = row.get<std::optional<std::int64_t>>(19)};
}

LetterGroup group_of(const Row& row) {
    return {.consumer = row.get<std::string>(0),
            .fingerprint = row.get<std::string>(1),
            .state = row.get<std::string>(2),
            .count = row.get<std::int64_t>(3),
            .tenants = row.get<std::int64_t>(4),
            .first_seen = row.get<Timestamp>(5),
            .last_seen = row.get<Timestamp>(6),
            .sample_reason = row.get<std::string>(7)};
}

// Counted without sorting, and an example looked up for each: there may be millions. `among`: the letters.
std::vector<LetterGroup> group(Transaction& tx, std::string_view among, const LetterFilter& filter,
                               Purpose purpose, std::int64_t most) {
    const std::string sql = fmt::format(
        "with chosen as ({}), by_tenant as (select c.consumer, c.fingerprint, c.state, c.tenant, "
        "  count(*) as letters, min(c.changed_at) as first, max(c.changed_at) as last "
        "  from chosen c group by 1, 2, 3, 4), "
        "groups as (select consumer, fingerprint, state, sum(letters)::bigint as letters, count(*) as "
        "  tenants, min(first) as first, max(last) as last "
        "  from by_tenant group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit $9) "
        "select g.*, (select l.reason from consumer.letter l where l.consumer = g.consumer "
        "  and l.state = g.state and l.changed_at = g.last and coalesce(l.fingerprint, '') = "
        "  g.fingerprint limit 1) from groups g order by 4 desc, 1, 2, 3",
        among);
    std::vector<LetterGroup> groups;
    for (const Row row : select(tx, sql, filter, purpose, most)) groups.push_back(group_of(row));
    return groups;
}

// From the view, of which Postgres knows that it has few groups, and sorts nothing; the types of those of one
// type are in the index alone.
std::string_view grouped_columns(const LetterFilter& filter) {
    return filter.type ? "select l.consumer, coalesce(l.fingerprint, '') as fingerprint, l.state, l.tenant, "
                         "l.changed_at from {0} where {1} and {2}"
                       : "select l.consumer, coalesce(l.fingerprint, '') as fingerprint, l.state, l.tenant, "
                         "l.changed_at from consumer.letter l where {3} and {2}";
}

// The part of each consumer and state comes from the index in its order, and they are merged. The other
// columns are looked up for those that are chosen: there may be millions to choose from. It is one statement,
// because what is settled between two would be missing, and a page that is not full would pass for the last
// one.
constexpr std::string_view walk_sql =
    "select {2} from (select p.consumer, p.message_id, p.refused from unnest($15::text[]) s(name) "
    "cross join (select c from consumer.letter_consumers() c where $1::text is null or c = $1) c "
    "cross join lateral (select l.consumer, l.message_id, l.refused, l.changed_at from {{0}} "
    "where l.consumer = c.c and l.state = s.name and {{1}} and {{2}} and (not $10::boolean or "
    "(l.changed_at {0}= $11::timestamptz and (l.changed_at, l.message_id, l.consumer, coalesce(l.refused, "
    "0)) "
    "{0} ($11, $12::uuid, $13::text, $14::bigint))) order by {1} limit $9) p order by {1} limit $9) k "
    "cross join lateral (select * from consumer.letter l where l.consumer = k.consumer "
    "and l.message_id = k.message_id and l.refused is not distinct from k.refused limit 1) l "
    "left join tenants.tenant t using (tenant) "
    "order by l.changed_at {3}, l.message_id {3}, l.consumer {3}, coalesce(l.refused, 0) {3}";

enum class Order { newest_first, oldest_first };

std::vector<Letter> walk(Transaction& tx, const LetterFilter& filter, Purpose purpose, Order order,
                         std::int64_t most, const std::optional<LetterPlace>& behind) {
    const bool descends = order == Order::newest_first;
    const std::string_view way = descends ? "desc" : "asc";
    const std::string by =
        fmt::format("changed_at {0}, message_id {0}, consumer {0}, coalesce(refused, 0) {0}", way);
    const LetterPlace place = behind.value_or(LetterPlace{});
    const std::vector<std::string> states =
        filter.state.empty() ? std::vector<std::string>{"dead", "held", "retrying", "discarded", "done"}
                             : std::vector{filter.state};
    std::vector<Letter> letters;
    for (const Row row :
         select(tx, fmt::format(walk_sql, descends ? "<" : ">", by, columns, way), filter, purpose, most,
                behind.has_value(), place.changed_at, place.id, place.consumer, place.refused, states))
        letters.push_back(letter_of(row));
    return letters;
}

}  // namespace

std::vector<Letter> find_letters(Transaction& tx, const LetterFilter& filter,
                                 const std::optional<LetterPlace>& behind) {
    return walk(tx, filter, Purpose::copy, Order::newest_first, filter.limit, behind);
}

std::vector<Letter> choose_letters(Transaction& tx, const LetterFilter& filter, Purpose purpose,
                                   std::int64_t most, const std::optional<LetterPlace>& behind) {
    return walk(tx, filter, purpose, Order::oldest_first, most, behind);
}

std::vector<LetterName> name_letters(Transaction& tx, const LetterFilter& filter) {
    std::vector<LetterName> names;
    for (const Row row : select(tx,
                                "select l.message_id, l.tenant from {0} where {1} and {2} "
                                "order by l.changed_at, l.message_id limit $9",
                                filter, Purpose::replay, filter.limit))
        names.push_back({.id = row.get<Uuid>(0), .tenant = row.get<Uuid>(1)});
    return names;
}

std::int64_t count_all(Transaction& tx, const LetterFilter& filter, Purpose purpose) {
    return select(tx, "select count(*) from {0} where {1} and {2}", filter, purpose)
        .only()
        .get<std::int64_t>(0);
}

std::vector<LetterGroup> find_groups(Transaction& tx, const LetterFilter& filter) {
    return group(tx, grouped_columns(filter), filter, Purpose::copy, filter.limit);
}

std::vector<LetterGroup> groups_of_chosen(Transaction& tx, const LetterFilter& filter, Purpose purpose,
                                          std::int64_t most) {
    if (filter.limit == no_limit) return group(tx, grouped_columns(filter), filter, purpose, most);
    return group(tx,
                 fmt::format("{} order by l.changed_at, l.message_id, l.consumer, coalesce(l.refused, 0) "
                             "limit {}",
                             grouped_columns(filter), filter.limit),
                 filter, purpose, most);
}

}  // namespace tollgate::consumer
