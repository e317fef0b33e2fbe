// How fast a consumer's runtime works off what waits in the journal or on a topic, with a handler that does
// nothing and with one that writes a row, beside a bare consumer and beside pgbench with the same rows.
#include "load/consumer_contest.hpp"
#include "load/measure.hpp"

namespace tollgate::load {

namespace {

constexpr std::size_t rounds = 3;
constexpr std::uint64_t events_max = 200'000;
constexpr double empty_goal = 20'000;
constexpr double share_of_pgbench = 0.5;

Figure rate(std::string name, double seconds, std::optional<double> baseline_seconds,
            std::optional<double> goal = std::nullopt) {
    return {.name = std::move(name),
            .value = 1 / seconds,
            .unit = "events/s",
            .better = Better::higher,
            .baseline = baseline_seconds.transform([](double baseline) { return 1 / baseline; }),
            .goal = goal};
}

Figure ratio(std::string name, const Medians& medians, std::optional<double> goal = std::nullopt) {
    return {.name = std::move(name),
            .value = medians.baseline / medians.measured,
            .unit = "x",
            .better = Better::higher,
            .baseline = 1,
            .goal = goal};
}

void add_writing(ConsumerContest& contest, const char* bus, Figures& figures) {
    std::vector<double> with_inbox;
    const Medians rows = alternating_medians(
        rounds, [&] { return contest.by_runtime(Effect::row_per_message); },
        [&] {
            with_inbox.push_back(contest.by_pgbench(true));
            return contest.by_pgbench(false);
        });
    const std::string name = fmt::format("{}: a row for each message", bus);
    figures.push_back(rate(name + ", against pgbench with the same rows", rows.measured, rows.baseline));
    figures.push_back(ratio(fmt::format("{}: runtime against pgbench", bus), rows, share_of_pgbench));
    figures.push_back(ratio(fmt::format("{}: runtime against pgbench that fills the inbox too", bus),
                            {.measured = rows.measured, .baseline = median(with_inbox)}));
    figures.push_back({.name = fmt::format("{}: mean batch", bus),
                       .value = contest.mean_batch(),
                       .unit = "events",
                       .better = Better::higher,
                       .baseline = std::nullopt,
                       .goal = std::nullopt});
}

void add_journal(ConsumerContest& contest, Figures& figures) {
    std::vector<double> empty;
    contest.by_runtime(Effect::none);  // not counted
    for (std::size_t round = 0; round < rounds; ++round) empty.push_back(contest.by_runtime(Effect::none));
    figures.push_back(rate("journal: a handler that does nothing", median(empty), std::nullopt, empty_goal));
    add_writing(contest, "journal", figures);
}

void add_kafka(ConsumerContest& contest, Figures& figures) {
    const Medians empty = alternating_medians(
        rounds, [&] { return contest.by_runtime(Effect::none); }, [&] { return contest.by_bare_consumer(); });
    figures.push_back(rate("Kafka: a handler that does nothing, against a bare consumer", empty.measured,
                           empty.baseline, empty_goal));
    figures.push_back(ratio("Kafka: runtime against a bare consumer", empty));
    add_writing(contest, "Kafka", figures);
}

}  // namespace

Result<Figures> consumer(const Surroundings& surroundings) {
    Figures figures;
    ConsumerContest contest{surroundings, std::min(events_max, surroundings.extent.rows)};
    add_journal(contest, figures);
    contest.turn_to_kafka();
    add_kafka(contest, figures);
    return figures;
}

}  // namespace tollgate::load
