#include "consumer/letters.hpp"

#include <set>
#include <tuple>

#include <boost/json/array.hpp>

#include "consumer/work_row.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::string_view columns =
    "l.consumer, l.message_id, l.tenant, t.slug, l.state, l.cause, l.attempts, l.since, l.due_at, l.reason, "
    "coalesce(l.fingerprint, ''), l.hold, l.changed_at, l.topic, l.log_topic, l.log_partition, "
    "l.log_offset, l.type, l.running, l.refused";

// Of parameters 1 to 8; see `select`.
constexpr std::string_view meant =
    "($1::text is null or l.consumer = $1) and ($2 = '' or l.state = $2) and ($3::text is null or l.type = "
    "$3) "
    "and ($4::text is null or l.fingerprint = $4) and ($5::timestamptz is null or l.changed_at >= $5) "
    "and ($6::timestamptz is null or l.changed_at < $6) and l.attempts >= $7 "
    "and (cardinality($8::uuid[]) = 0 or l.message_id = any ($8))";

template <typename... More>
Rows select(Transaction& tx, std::string_view sql, const LetterFilter& filter, const More&... more) {
    return tx.execute(fmt::format(fmt::runtime(sql), columns, meant), filter.consumer, filter.state,
                      filter.type, filter.fingerprint, filter.since, filter.until, filter.attempts_min,
                      filter.ids, more...);
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

std::vector<LetterGroup> find_groups(Transaction& tx, const LetterFilter& filter) {
    std::vector<LetterGroup> groups;
    // Counted without sorting, and an example looked up for each: there may be millions.
    for (const Row row : select(
             tx,
             "with by_tenant as (select l.consumer, coalesce(l.fingerprint, '') as fingerprint, l.state, "
             "  l.tenant, count(*) as letters, min(l.changed_at) as first, max(l.changed_at) as last "
             "  from consumer.letter l where {1} group by 1, 2, 3, 4), "
             "groups as (select consumer, fingerprint, state, sum(letters)::bigint as letters, count(*) as "
             "  tenants, min(first) as first, max(last) as last "
             "  from by_tenant group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit $9) "
             "select g.*, (select l.reason from consumer.letter l where l.consumer = g.consumer "
             "  and l.state = g.state and l.changed_at = g.last and coalesce(l.fingerprint, '') = "
             "  g.fingerprint limit 1) from groups g order by 4 desc, 1, 2, 3",
             filter, filter.limit)) {
        groups.push_back({.consumer = row.get<std::string>(0),
                          .fingerprint = row.get<std::string>(1),
                          .state = row.get<std::string>(2),
                          .count = row.get<std::int64_t>(3),
                          .tenants = row.get<std::int64_t>(4),
                          .first_seen = row.get<Timestamp>(5),
                          .last_seen = row.get<Timestamp>(6),
                          .sample_reason = row.get<std::string>(7)});
    }
    return groups;
}

std::vector<FailedAttempt> attempts_of(Transaction& tx, const std::string& consumer, const Uuid& id) {
    std::vector<FailedAttempt> attempts;
    for (const Row row : tx.execute("select attempt, at, cause, outcome, reason, build from consumer.attempt "
                                    "where message_id = $1 and consumer = $2 order by at, attempt",
                                    id, consumer)) {
        attempts.push_back({.attempt = row.get<std::int32_t>(0),
                            .at = row.get<Timestamp>(1),
                            .cause = row.get<std::string>(2),
                            .outcome = row.get<std::string>(3),
                            .reason = row.get<std::string>(4),
                            .build = row.get<std::string>(5)});
    }
    return attempts;
}

events::Headers headers_of(Transaction& tx, const Letter& letter) {
    const auto rows = tx.execute(
        "select headers from consumer.letter where consumer = $1 and message_id = $2 and headers is not null",
        letter.consumer, letter.id);
    if (rows.empty() || letter.refused) return {};
    return headers_from_json(rows[0].get<std::string_view>(0)).value_or(events::Headers{});
}

}  // namespace

boost::json::object to_json(const LetterFilter& filter) {
    boost::json::object object;
    const auto put = [&](std::string_view name, const std::optional<std::string>& value) {
        if (value) object[name] = *value;
    };
    put("tenant", filter.tenant);
    put("consumer", filter.consumer);
    object["state"] = filter.state;
    put("type", filter.type);
    put("fingerprint", filter.fingerprint);
    if (filter.since) object["since"] = to_rfc3339(*filter.since);
    if (filter.until) object["until"] = to_rfc3339(*filter.until);
    if (filter.attempts_min > 0) object["attempts_min"] = filter.attempts_min;
    if (!filter.ids.empty()) {
        // What is said of a thousand ids is that they were given.
        constexpr std::size_t shown_max = 20;
        object["ids"] = filter.ids.size();
        boost::json::array shown;
        for (std::size_t i = 0; i < std::min(shown_max, filter.ids.size()); ++i)
            shown.push_back(boost::json::value(filter.ids[i].text()));
        object["first_ids"] = std::move(shown);
    }
    return object;
}

Result<void> admit_to_letters(Transaction& tx, const Actor& actor, Role needed, const LetterFilter& filter) {
    if (!filter.tenant) return tenants::admit(tx, actor, needed);
    const auto admitted = tenants::admit_to_tenant(tx, actor, needed, *filter.tenant);
    if (!admitted) return std::unexpected{admitted.error()};
    return {};
}

// Their headers are read once they are chosen: there may be millions to choose from, and a join would read
// all.
std::vector<Letter> find_letters(Transaction& tx, const LetterFilter& filter) {
    const auto after_time = filter.after ? std::optional{filter.after->first} : std::nullopt;
    const auto after_id = filter.after ? std::optional{filter.after->second} : std::nullopt;
    using Key = std::tuple<std::string, Uuid, std::optional<std::int64_t>>;
    std::set<Key> chosen;
    std::set<std::string> consumers;
    std::vector<Uuid> ids;
    for (const Row row :
         select(tx,
                "select l.consumer, l.message_id, l.refused from consumer.letter l where {1} "
                "and ($9::timestamptz is null or (l.changed_at, l.message_id) < ($9, $10::uuid)) "
                "order by l.changed_at desc, l.message_id desc, l.consumer limit $11",
                filter, after_time, after_id, filter.limit)) {
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
                                "order by l.changed_at desc, l.message_id desc, l.consumer",
                                columns),
                    consumers, ids)) {
        Letter letter = letter_of(row);
        if (chosen.contains(Key{letter.consumer, letter.id, letter.refused}))
            letters.push_back(std::move(letter));
    }
    return letters;
}

std::vector<LetterName> name_letters(Transaction& tx, const LetterFilter& filter) {
    std::vector<LetterName> names;
    for (const Row row : select(tx,
                                "select l.message_id, l.tenant from consumer.letter l where {1} "
                                "and l.refused is null order by l.changed_at, l.message_id limit $9",
                                filter, filter.limit))
        names.push_back({.id = row.get<Uuid>(0), .tenant = row.get<Uuid>(1)});
    return names;
}

Result<LetterList> list_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, filter); !admitted)
        return std::unexpected{admitted.error()};
    LetterFilter one_more = filter;
    ++one_more.limit;
    LetterList list{.letters = find_letters(tx, one_more)};
    list.more = std::ssize(list.letters) > filter.limit;
    if (list.more) list.letters.pop_back();
    return list;
}

Result<std::vector<LetterGroup>> group_letters(Transaction& tx, const Actor& actor,
                                               const LetterFilter& filter) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, filter); !admitted)
        return std::unexpected{admitted.error()};
    return find_groups(tx, filter);
}

Result<LetterPreview> preview_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, filter); !admitted)
        return std::unexpected{admitted.error()};
    constexpr std::int64_t sample = 5;
    constexpr std::int64_t groups = 20;
    LetterFilter some = filter;
    some.limit = sample;
    LetterPreview preview{.sample = find_letters(tx, some)};
    some.limit = groups;
    preview.groups = find_groups(tx, some);
    preview.count =
        select(tx, "select count(*) from consumer.letter l where {1}", filter).only().get<std::int64_t>(0);
    return preview;
}

Result<std::vector<LetterStory>> show_letter(Transaction& tx, const Actor& actor, const std::string& consumer,
                                             const Uuid& id) {
    LetterFilter filter{.consumer = consumer, .state = "", .ids = {id}};
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, filter); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<LetterStory> stories;
    for (Letter& letter : find_letters(tx, filter)) {
        LetterStory story{.headers = headers_of(tx, letter), .attempts = attempts_of(tx, consumer, id)};
        story.letter = std::move(letter);
        stories.push_back(std::move(story));
    }
    if (stories.empty()) {
        return fail(ErrorCode::not_found,
                    "consumer \"{}\" has nothing to be done of {}: `tollgate dead-letter list` shows what "
                    "there is, and `tollgate event show {}` what became of it",
                    consumer, id, id);
    }
    return stories;
}

}  // namespace tollgate::consumer
