#include "consumer/letter_rows.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::Transaction;

constexpr std::string_view columns =
    "l.consumer, l.message_id, l.tenant, t.slug, l.state, l.cause, l.attempts, l.since, l.due_at, l.reason, "
    "coalesce(l.fingerprint, ''), l.hold, l.changed_at, l.topic, l.log_topic, l.log_partition, "
    "l.log_offset, l.type, l.running, l.refused";

// Of parameters 1 to 8; see `select`. A type is the event's, or what the message said of itself.
constexpr std::string_view meant =
    "($1::text is null or l.consumer = $1) and ($2 = '' or l.state = $2) "
    "and ($4::text is null or l.fingerprint = $4) and ($5::timestamptz is null or l.changed_at >= $5) "
    "and ($6::timestamptz is null or l.changed_at < $6) and l.attempts >= $7 "
    "and (cardinality($8::uuid[]) = 0 or l.message_id = any ($8)) "
    "and ($3::text is null or l.type = $3 or consumer.header_of(l.headers, 'ce_type') = $3)";

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

// In the statement {0} are the columns, {1} is what the filter means, and {2} what is taken of it.
template <typename... More>
Rows select(Transaction& tx, std::string_view sql, const LetterFilter& filter, Purpose purpose,
            const More&... more) {
    return tx.execute(fmt::format(fmt::runtime(sql), columns, meant, taken_for(purpose)), filter.consumer,
                      filter.state, filter.type, filter.fingerprint, filter.since, filter.until,
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

// Their columns are read once they are chosen: there may be millions to choose from, and a join would read
// all.
std::vector<Letter> read(Transaction& tx, const Rows& keys) {
    using Key = std::tuple<std::string, Uuid, std::optional<std::int64_t>>;
    std::set<Key> chosen;
    std::set<std::string> consumers;
    std::vector<Uuid> ids;
    for (const Row row : keys) {
        auto [consumer, id, refused] = row.as<std::string, Uuid, std::optional<std::int64_t>>();
        consumers.insert(consumer);
        ids.push_back(id);
        chosen.emplace(std::move(consumer), id, refused);
    }
    std::vector<Letter> letters;
    if (chosen.empty()) return letters;
    for (const Row row :
         tx.execute(fmt::format("select {} from consumer.letter l left join tenants.tenant t using (tenant) "
                                "where l.consumer = any ($1) and l.message_id = any ($2) "
                                "order by l.changed_at, l.message_id, l.consumer, coalesce(l.refused, 0)",
                                columns),
                    consumers, ids)) {
        Letter letter = letter_of(row);
        if (chosen.contains(Key{letter.consumer, letter.id, letter.refused}))
            letters.push_back(std::move(letter));
    }
    return letters;
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

constexpr std::string_view grouped_columns =
    "select l.consumer, coalesce(l.fingerprint, '') as fingerprint, l.state, l.tenant, l.changed_at "
    "from consumer.letter l where {1} and {2}";

}  // namespace

std::vector<Letter> find_letters(Transaction& tx, const LetterFilter& filter) {
    auto letters = read(tx, select(tx,
                                   "select l.consumer, l.message_id, l.refused from consumer.letter l "
                                   "where {1} order by l.changed_at desc, l.message_id desc, l.consumer desc "
                                   "limit $9",
                                   filter, Purpose::copy, filter.limit));
    std::ranges::reverse(letters);
    return letters;
}

LetterPlace place_of(const Letter& letter) {
    return {.changed_at = letter.changed_at,
            .id = letter.id,
            .consumer = letter.consumer,
            .refused = letter.refused.value_or(0)};
}

std::vector<Letter> choose_letters(Transaction& tx, const LetterFilter& filter, Purpose purpose,
                                   std::int64_t most, const std::optional<LetterPlace>& behind) {
    LetterFilter from_there = filter;
    const LetterPlace place = behind.value_or(LetterPlace{});
    if (behind) from_there.since = std::max(filter.since.value_or(place.changed_at), place.changed_at);
    return read(
        tx,
        select(tx,
               "select l.consumer, l.message_id, l.refused from consumer.letter l where {1} and {2} "
               "and (not $9::boolean or (l.changed_at, l.message_id, l.consumer, coalesce(l.refused, 0)) > "
               "($10::timestamptz, $11::uuid, $12::text, $13::bigint)) "
               "order by l.changed_at, l.message_id, l.consumer, coalesce(l.refused, 0) limit $14",
               from_there, purpose, behind.has_value(), place.changed_at, place.id, place.consumer,
               place.refused, most));
}

std::vector<LetterName> name_letters(Transaction& tx, const LetterFilter& filter) {
    std::vector<LetterName> names;
    for (const Row row : select(tx,
                                "select l.message_id, l.tenant from consumer.letter l where {1} and {2} "
                                "order by l.changed_at, l.message_id limit $9",
                                filter, Purpose::replay, filter.limit))
        names.push_back({.id = row.get<Uuid>(0), .tenant = row.get<Uuid>(1)});
    return names;
}

std::int64_t count_all(Transaction& tx, const LetterFilter& filter, Purpose purpose) {
    return select(tx, "select count(*) from consumer.letter l where {1} and {2}", filter, purpose)
        .only()
        .get<std::int64_t>(0);
}

std::vector<LetterGroup> find_groups(Transaction& tx, const LetterFilter& filter) {
    return group(tx, grouped_columns, filter, Purpose::copy, filter.limit);
}

std::vector<LetterGroup> groups_of_chosen(Transaction& tx, const LetterFilter& filter, Purpose purpose,
                                          std::int64_t most) {
    if (filter.limit == no_limit) return group(tx, grouped_columns, filter, purpose, most);
    return group(tx,
                 fmt::format("{} order by l.changed_at, l.message_id, l.consumer, coalesce(l.refused, 0) "
                             "limit {}",
                             grouped_columns, filter.limit),
                 filter, purpose, most);
}

}  // namespace tollgate::consumer
