// Whether a bad neighbour delays anybody: fifty channels, of which five are slow, failing, limited or silent.
#include "load/delivery_contest.hpp"

namespace tollgate::load {

namespace {

constexpr double slower_at_most = 1.5;
constexpr std::size_t kills = 10;
constexpr std::chrono::seconds longest_run{60};

Figure milliseconds(std::string name, std::chrono::nanoseconds value,
                    std::optional<std::chrono::nanoseconds> baseline = std::nullopt) {
    const auto number = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double, std::milli>(time).count();
    };
    return {.name = std::move(name),
            .value = number(value),
            .unit = "ms",
            .better = Better::lower,
            .baseline = baseline.transform(number),
            .goal = std::nullopt};
}

Figure none_of(std::string name, std::uint64_t value) {
    return {.name = std::move(name),
            .value = static_cast<double>(value),
            .unit = "",
            .better = Better::lower,
            .baseline = std::nullopt,
            .goal = 0};
}

}  // namespace

Result<Figures> delivery(const Surroundings& surroundings) {
    DeliveryContest contest{surroundings};
    const auto length = surroundings.extent.run == Extent{}.run ? longest_run : surroundings.extent.run;
    contest.run({.length = std::chrono::seconds{3}});  // not counted: caches are cold
    const Delivered calm = contest.run({.length = length});
    const Delivered beside_bad = contest.run({.with_the_bad = true, .length = length});
    const Delivered killed = contest.run({.with_the_bad = true, .kills = kills, .length = length});
    const auto p99 = [](const Delivered& run) { return run.good.percentile(99); };
    Figures figures;
    figures.push_back(milliseconds("45 good channels beside 5 bad ones, p50", beside_bad.good.percentile(50),
                                   calm.good.percentile(50)));
    figures.push_back(milliseconds("the same, p99", p99(beside_bad), p99(calm)));
    figures.push_back({.name = "the same, as a multiple of the run without the five",
                       .value = std::chrono::duration<double>(p99(beside_bad)) / p99(calm),
                       .unit = "x",
                       .better = Better::lower,
                       .baseline = 1,
                       .goal = slower_at_most});
    figures.push_back(milliseconds("with the sender killed ten times, p99", p99(killed), p99(calm)));
    for (const auto* run : {&calm, &beside_bad, &killed}) {
        const std::string of = run == &calm ? "calm" : run == &beside_bad ? "beside bad ones" : "killed";
        figures.push_back(none_of(of + ": not settled in the end", run->unsettled));
        figures.push_back(none_of(of + ": sent twice without a doubt", run->twice));
        figures.push_back({.name = of + ": unknown in the end",
                           .value = static_cast<double>(run->unknown),
                           .unit = fmt::format("of {}", run->offered),
                           .better = Better::lower,
                           .baseline = std::nullopt,
                           .goal = std::nullopt});
    }
    return figures;
}

}  // namespace tollgate::load
