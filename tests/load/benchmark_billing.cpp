// How fast raw events become entries of the ledger, and where the time goes; beside the runtime with a
// handler that writes a row for each of the same events. And what it adds to an event to look its company up.
#include "load/billing_contest.hpp"
#include "load/measure.hpp"

namespace tollgate::load {

namespace {

constexpr std::uint64_t events_max = 50'000;
constexpr std::uint64_t looked_up_max = 2'000;
constexpr double share_of_rows = 0.3;

Figure rate(std::string name, double events, double seconds,
            std::optional<double> baseline_seconds = std::nullopt) {
    return {.name = std::move(name),
            .value = events / seconds,
            .unit = "events/s",
            .better = Better::higher,
            .baseline = baseline_seconds.transform([&](double baseline) { return events / baseline; }),
            .goal = std::nullopt};
}

Figure share(std::string name, double part, double whole) {
    return {.name = std::move(name),
            .value = part / whole * 100,
            .unit = "%",
            .better = Better::lower,
            .baseline = std::nullopt,
            .goal = std::nullopt};
}

Figure milliseconds(std::string name, std::chrono::nanoseconds value) {
    return {.name = std::move(name),
            .value = std::chrono::duration<double, std::milli>(value).count(),
            .unit = "ms",
            .better = Better::lower,
            .baseline = std::nullopt,
            .goal = std::nullopt};
}

}  // namespace

Result<Figures> billing(const Surroundings& surroundings) {
    const std::uint64_t count = std::min(events_max, surroundings.extent.rows);
    const auto events = static_cast<double>(count);
    BillingContest contest{surroundings, count};
    contest.by_rows();  // not counted: caches are cold
    const double rows = contest.by_rows();
    const Stages stages = contest.by_services();
    const double whole = stages.enrichment.seconds + stages.billing.seconds;
    Figures figures;
    figures.push_back(
        rate("raw event to ledger, one stage after the other, against a row for each", events, whole, rows));
    figures.push_back({.name = "the same as a share of the runtime with a row for each",
                       .value = rows / whole,
                       .unit = "x",
                       .better = Better::higher,
                       .baseline = 1,
                       .goal = share_of_rows});
    figures.push_back(rate("enrichment alone", events, stages.enrichment.seconds, rows));
    figures.push_back(rate("billing alone", events, stages.billing.seconds, rows));
    figures.push_back(share("of the time: enrichment's handler", stages.enrichment.handling_seconds, whole));
    figures.push_back(share("of the time: its runtime",
                            stages.enrichment.seconds - stages.enrichment.handling_seconds, whole));
    figures.push_back(share("of the time: billing's handler", stages.billing.handling_seconds, whole));
    figures.push_back(share("of the time: its runtime too",
                            stages.billing.seconds - stages.billing.handling_seconds, whole));
    const Latencies looked_up = contest.looked_up(std::min(looked_up_max, count));
    figures.push_back(milliseconds("looking up a company that is known, p50", looked_up.percentile(50)));
    figures.push_back(milliseconds("looking up a company that is known, p99", looked_up.percentile(99)));
    return figures;
}

}  // namespace tollgate::load
