// Replays at a set rate and as fast as they go, how soon a pause takes effect; and how long an operator waits
// for groups of a million dead letters, and for the story of one event among 20 million.
#include <chrono>

#include "consumer/event_story.hpp"
#include "consumer/letters.hpp"
#include "load/measure.hpp"
#include "load/replay_contest.hpp"

namespace tollgate::load {

namespace {

using postgres::Transaction;

constexpr std::uint64_t letters_max = 100'000;
constexpr std::int32_t rate = 1'000;
constexpr double deviation_goal = 5;
constexpr std::uint64_t grouped_max = 1'000'000;
constexpr std::size_t looks = 5;
constexpr std::size_t stories = 21;
constexpr std::int64_t stored_per_statement = 200'000;
// Of the hours that the stored events come from.
constexpr std::int64_t stored_hours = 24;

Figure seconds(std::string name, double value, std::optional<double> goal = std::nullopt) {
    return {.name = std::move(name),
            .value = value,
            .unit = "s",
            .better = Better::lower,
            .baseline = std::nullopt,
            .goal = goal};
}

Figure per_second(std::string name, double value, std::optional<double> baseline = std::nullopt) {
    return {.name = std::move(name),
            .value = value,
            .unit = "messages/s",
            .better = Better::higher,
            .baseline = baseline,
            .goal = std::nullopt};
}

void add_replays(ReplayContest& contest, std::uint64_t letters, Figures& figures) {
    contest.fill_letters(letters);
    contest.start_consumer();
    const double held = contest.replay_all({.rate = rate});
    figures.push_back(per_second(fmt::format("{} dead letters replayed at a set rate", letters), held, rate));
    figures.push_back({.name = "off the rate that was set",
                       .value = std::abs(held - rate) / rate * 100,
                       .unit = "%",
                       .better = Better::lower,
                       .baseline = std::nullopt,
                       .goal = deviation_goal});
    for (const std::int32_t outstanding : {100, 1'000}) {
        contest.stop_consumer();
        contest.fill_letters(letters);
        contest.start_consumer();
        figures.push_back(per_second(fmt::format("as fast as they go, {} outstanding", outstanding),
                                     contest.replay_all({.outstanding_max = outstanding})));
    }
    contest.stop_consumer();
    contest.fill_letters(letters);
    contest.start_consumer();
    figures.push_back(seconds("a pause takes effect", contest.pause_in_the_middle(), 1));
    contest.stop_consumer();
}

template <typename Look>
double median_of_looks(std::size_t times, const Look& look) {
    std::vector<double> each;
    for (std::size_t i = 0; i < times; ++i) each.push_back(seconds_per_operation(1, look));
    return median(std::move(each));
}

void add_groups(ReplayContest& contest, std::uint64_t letters, Figures& figures) {
    contest.fill_letters(letters);
    const double took = median_of_looks(looks, [&] {
        must(transact(contest.operators(),
                      [](Transaction& tx) { return consumer::group_letters(tx, replay_operator, {}); }));
    });
    figures.push_back(seconds(fmt::format("groups of {} dead letters", letters), took, 5));
    const double listed = median_of_looks(looks, [&] {
        must(transact(contest.operators(),
                      [](Transaction& tx) { return consumer::list_letters(tx, replay_operator, {}); }));
    });
    figures.push_back(seconds("the newest hundred of them", listed));
}

// Small ones: what is looked up are rows.
void store(ReplayContest& contest, std::uint64_t events) {
    contest.owner().execute_script(
        "truncate archive.event, consumer.inbox, consumer.work; set synchronous_commit = off");
    const auto all = static_cast<std::int64_t>(events);
    contest.owner().execute(
        "select archive.make_any_day(d), consumer.make_days_of(array[archive.first_id_of(d)]) "
        "from (select distinct ((now() - h * interval '1 hour') at time zone 'UTC')::date "
        "      from generate_series(0, $1::bigint) h) days(d)",
        stored_hours);
    for (std::int64_t from = 0; from < all; from += stored_per_statement) {
        contest.owner().execute(
            "with made as (select g, overlay(consumer.first_id_at(now() - $3 * interval '1 hour' "
            "  + g * ($3 * 3600.0 / $4) * interval '1 second')::text placing lpad(to_hex(g), 12, '0') from "
            "25)"
            "  ::uuid as id from generate_series($1::bigint, $2) g), "
            "taken as (insert into consumer.inbox (consumer, message_id, tenant) select 'load-replay', id, "
            "  '018f3b1c-7c5a-7000-8000-000000000001' from made) "
            "insert into archive.event (id, tenant, source, provider, type, headers, body) "
            "select id, '018f3b1c-7c5a-7000-8000-000000000001', 'shop', 'stripe', 'invoice.paid', "
            "  convert_to('a: b', 'UTF8'), convert_to('{\"n\": ' || g || '}', 'UTF8') from made",
            from, std::min(all, from + stored_per_statement) - 1, stored_hours, all);
        fmt::print(stderr, "stored {} of {}\n", std::min(all, from + stored_per_statement), all);
    }
    for (const char* const tidy :
         {"vacuum analyze archive.event", "vacuum analyze consumer.inbox", "checkpoint"})
        contest.owner().execute_script(tidy);
}

void add_stories(ReplayContest& contest, std::uint64_t events, Figures& figures) {
    store(contest, events);
    std::vector<Uuid> ids;
    for (const auto row : contest.owner().execute(
             "select (select e.id from archive.event e where e.id >= consumer.first_id_at(now() - random() * "
             "$1 "
             "  * interval '1 hour') order by e.id limit 1) from generate_series(1, $2::bigint)",
             stored_hours, static_cast<std::int64_t>(stories)))
        ids.push_back(row.get<Uuid>(0));
    std::size_t next = 0;
    const double told = median_of_looks(stories, [&] {
        must(transact(contest.operators(), [&](Transaction& tx) {
            return consumer::tell_story(tx, replay_operator, ids.at(next++));
        }));
    });
    figures.push_back(seconds(fmt::format("the story of an event among {}", events), told, 0.1));
    const double listed = median_of_looks(looks, [&] {
        must(transact(contest.operators(),
                      [](Transaction& tx) { return consumer::list_events(tx, replay_operator, {}); }));
    });
    figures.push_back(seconds("the newest hundred of them listed", listed, 0.1));
    const double hour = median_of_looks(looks, [&] {
        must(transact(contest.operators(), [](Transaction& tx) -> Result<void> {
            if (const auto admitted = tenants::admit(tx, replay_operator, tenants::Role::viewer); !admitted)
                return admitted;
            tx.execute(
                "select * from ingress.books_of(date_trunc('hour', now() - interval '2 hours'), now(), "
                "null)");
            return {};
        }));
    });
    figures.push_back(
        seconds(fmt::format("audit: the books of one of {} hours of them", stored_hours), hour));
}

}  // namespace

Result<Figures> replay(const Surroundings& surroundings) {
    Figures figures;
    const std::uint64_t rows = surroundings.extent.rows;
    ReplayContest contest{surroundings};
    add_replays(contest, std::min(letters_max, rows), figures);
    add_groups(contest, std::min(grouped_max, rows), figures);
    add_stories(contest, rows, figures);
    return figures;
}

}  // namespace tollgate::load
