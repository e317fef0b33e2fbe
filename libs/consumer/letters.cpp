#include "consumer/letters.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/array.hpp>

#include "consumer/letter_rows.hpp"
#include "consumer/registration.hpp"
#include "consumer/work_row.hpp"
#include "core/nearest.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

std::vector<FailedAttempt> attempts_of(Transaction& tx, const std::string& consumer, const Uuid& id) {
    std::vector<FailedAttempt> attempts;
    for (const Row row :
         tx.execute("select attempt, at, cause, outcome, reason, build from consumer.attempt "
                    "where message_id = $1 and consumer = $2 and outcome <> 'done' order by at, attempt",
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

// One that was retired may have letters still.
Result<void> require_known(Transaction& tx, const LetterFilter& filter) {
    if (!filter.consumer) return {};
    std::vector<std::string> names{"relay"};
    for (const Row row : tx.execute("select name from consumer.consumer order by name"))
        names.push_back(row.get<std::string>(0));
    if (std::ranges::find(names, *filter.consumer) != names.end()) return {};
    if (!tx.execute("select from consumer.letter where consumer = $1 limit 1", filter.consumer).empty())
        return {};
    return fail(ErrorCode::invalid,
                "there is no consumer \"{}\"{}; `tollgate consumer list` shows those there are",
                *filter.consumer, did_you_mean(*filter.consumer, names));
}

events::Headers headers_of(Transaction& tx, const Letter& letter) {
    const auto rows = tx.execute(
        "select headers from consumer.letter where consumer = $1 and message_id = $2 and headers is not null",
        letter.consumer, letter.id);
    if (rows.empty() || letter.refused) return {};
    return headers_from_json(rows[0].get<std::string_view>(0)).value_or(events::Headers{});
}

constexpr char between = '/';

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t at = text.find(between); at != std::string_view::npos; at = text.find(between)) {
        parts.push_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    parts.push_back(text);
    return parts;
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
    if (filter.limit != no_limit) object["limit"] = filter.limit;
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
    if (filter.tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, needed, *filter.tenant);
        if (!admitted) return std::unexpected{admitted.error()};
    } else if (auto admitted = tenants::admit(tx, actor, needed); !admitted) {
        return admitted;
    }
    return require_known(tx, filter);
}

Result<void> check_purpose(const LetterFilter& filter, Purpose purpose) {
    if (!filter.ids.empty() && !filter.consumer)
        return fail(ErrorCode::invalid, "of which consumer? An id is the same for all: give --consumer");
    if (purpose == Purpose::discard && (filter.state == "discarded" || filter.state == "done")) {
        return fail(ErrorCode::invalid, "what is {} cannot be given up: give --state dead, held or retrying",
                    filter.state);
    }
    if (purpose == Purpose::append && !filter.state.empty() && filter.state != "dead") {
        return fail(ErrorCode::invalid,
                    "of the relay's entries only dead ones are appended again, and not {}", filter.state);
    }
    if (purpose != Purpose::replay) return {};
    if (!filter.consumer) return fail(ErrorCode::invalid, "a replay is of one consumer: give --consumer");
    if (filter.state != "dead" && filter.state != "held") {
        return fail(ErrorCode::invalid,
                    "what is dead or held can be replayed, and not what is {}: give --state dead or held",
                    filter.state.empty() ? "in any state" : filter.state);
    }
    return {};
}

Result<LetterList> list_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                                const std::optional<LetterPlace>& behind) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, filter); !admitted)
        return std::unexpected{admitted.error()};
    LetterFilter one_more = filter;
    ++one_more.limit;
    LetterList list{.letters = find_letters(tx, one_more, behind)};
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

Result<LetterPreview> preview_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                                      Purpose purpose) {
    constexpr std::int64_t sample = 5;
    constexpr std::int64_t groups = 20;
    const auto all = count_letters(tx, actor, filter, purpose);
    if (!all) return std::unexpected{all.error()};
    const std::int64_t count = std::min(*all, filter.limit);
    const std::int64_t left = purpose == Purpose::replay ? count_left_alone(tx, filter, *all) : 0;
    if (count == 0 && left > 0) return std::unexpected{nothing_to_replay(filter, left)};
    return LetterPreview{.count = count,
                         .beyond = *all - count,
                         .left = left,
                         .sample = choose_letters(tx, filter, purpose, std::min(sample, count), {}),
                         .groups = groups_of_chosen(tx, filter, purpose, groups)};
}

std::int64_t count_left_alone(Transaction& tx, const LetterFilter& filter, std::int64_t free) {
    const std::int64_t asked_for = filter.ids.empty() ? count_all(tx, filter, Purpose::copy)
                                                      : static_cast<std::int64_t>(filter.ids.size());
    return std::max<std::int64_t>(0, asked_for - free);
}

Error nothing_to_replay(const LetterFilter& filter, std::int64_t left) {
    if (left == 0) return {ErrorCode::not_found, "there is nothing to replay"};
    return {ErrorCode::not_found,
            fmt::format("there is nothing to replay: {} left alone, being replayed already (`tollgate replay "
                        "list --all-tenants --open` shows by whom), or not {}",
                        left, filter.state)};
}

Result<std::int64_t> count_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                                   Purpose purpose) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, filter); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto fit = check_purpose(filter, purpose); !fit) return std::unexpected{fit.error()};
    if (purpose == Purpose::replay) {
        if (const auto runs = require_registered(tx, *filter.consumer); !runs)
            return std::unexpected{runs.error()};
    }
    return count_all(tx, filter, purpose);
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

LetterPlace place_of(const Letter& letter) {
    return {.changed_at = letter.changed_at,
            .id = letter.id,
            .consumer = letter.consumer,
            .refused = letter.refused.value_or(0)};
}

std::string to_text(const LetterPlace& place) {
    return fmt::format("{}/{}/{}{}", place.changed_at.time_since_epoch().count(), place.id, place.consumer,
                       place.refused == 0 ? "" : fmt::format("/{}", place.refused));
}

Result<LetterPlace> parse_place(std::string_view text) {
    // Postgres knows no time that is later.
    constexpr std::int64_t latest = 200'000'000'000'000'000;
    const auto parts = parts_of(text);
    const auto changed_at = number_in(parts.front());
    const auto id = parts.size() > 1 ? Uuid::parse(parts[1]) : Uuid::parse("");
    const auto refused = parts.size() > 3 ? number_in(parts[3]) : std::int64_t{0};
    if (parts.size() < 3 || parts.size() > 4 || !changed_at || *changed_at > latest || !id ||
        parts[2].empty() || !refused) {
        return fail(
            ErrorCode::invalid,
            "\"{}\" is no place in the list: `dead-letter list` says on stderr where the next ones begin",
            text);
    }
    return LetterPlace{.changed_at = Timestamp{std::chrono::microseconds{*changed_at}},
                       .id = *id,
                       .consumer = std::string{parts[2]},
                       .refused = *refused};
}

}  // namespace tollgate::consumer
