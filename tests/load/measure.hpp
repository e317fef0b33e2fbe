// Measuring two ways of doing one thing on a machine that does other things too.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <semaphore>
#include <vector>

namespace tollgate::load {

// For load that comes at its own pace, whatever becomes of it.
inline void pause_until(std::chrono::steady_clock::time_point time) {
    std::binary_semaphore never{0};
    static_cast<void>(never.try_acquire_until(time));
}

// The middle value; the mean of the two middle ones of an even number.
inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Seconds for one of `count` operations.
template <typename Operation>
double seconds_per_operation(std::size_t count, const Operation& operation) {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) operation();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return took.count() / static_cast<double>(count);
}

struct Medians {
    double measured = 0;
    double baseline = 0;
};

// Runs both in turn and takes the median of each, so that a change of the machine's mood meets both. Who goes
// first changes too: the first to run finds colder caches. One round before the first is not counted.
template <typename Measured, typename Baseline>
Medians alternating_medians(std::size_t rounds, const Measured& measured, const Baseline& baseline) {
    std::vector<double> measured_values;
    std::vector<double> baseline_values;
    for (std::size_t round = 0; round <= rounds; ++round) {
        const bool measured_first = round % 2 == 1;
        const double early = measured_first ? measured() : baseline();
        const double late = measured_first ? baseline() : measured();
        if (round == 0) continue;
        measured_values.push_back(measured_first ? early : late);
        baseline_values.push_back(measured_first ? late : early);
    }
    return {median(std::move(measured_values)), median(std::move(baseline_values))};
}

}  // namespace tollgate::load
