#include "providers/recurring.hpp"

#include <array>
#include <limits>
#include <utility>

#include "providers/fill.hpp"

namespace tollgate::providers {

namespace {

// So many twelfths of an interval's price fall on a month, divided by the last number.
struct MonthRow {
    v1::Interval interval;
    std::int64_t times;
    std::int64_t per;
};
constexpr std::array<MonthRow, 4> months{{{v1::INTERVAL_DAY, 365, 12},
                                          {v1::INTERVAL_WEEK, 52, 12},
                                          {v1::INTERVAL_MONTH, 1, 1},
                                          {v1::INTERVAL_YEAR, 1, 12}}};

v1::MrrEffect effect_of(std::int64_t before, std::int64_t after, bool ran_before) {
    if (after == before) return v1::MRR_EFFECT_NONE;
    if (before == 0) return ran_before ? v1::MRR_EFFECT_REACTIVATION : v1::MRR_EFFECT_NEW;
    if (after == 0) return v1::MRR_EFFECT_CHURN;
    return after > before ? v1::MRR_EFFECT_EXPANSION : v1::MRR_EFFECT_CONTRACTION;
}

}  // namespace

v1::Interval interval_of(std::string_view word) {
    if (word == "day" || word == "daily") return v1::INTERVAL_DAY;
    if (word == "week" || word == "weekly") return v1::INTERVAL_WEEK;
    if (word == "month" || word == "monthly") return v1::INTERVAL_MONTH;
    if (word == "year" || word == "yearly") return v1::INTERVAL_YEAR;
    return v1::INTERVAL_UNSPECIFIED;
}

std::optional<Money> monthly(const Money& price, std::uint64_t quantity, v1::Interval interval,
                             std::uint32_t interval_count) {
    for (const MonthRow& row : months) {
        if (row.interval != interval) continue;
        std::int64_t all = 0;
        if (quantity > std::numeric_limits<std::uint32_t>::max() ||
            __builtin_mul_overflow(price.minor, static_cast<std::int64_t>(quantity), &all) ||
            __builtin_mul_overflow(all, 2 * row.times, &all)) {
            return std::nullopt;
        }
        const std::int64_t by =
            row.per * (interval_count == 0 ? 1 : static_cast<std::int64_t>(interval_count));
        if (__builtin_add_overflow(all, all < 0 ? -by : by, &all)) return std::nullopt;
        return Money{.minor = all / (2 * by), .currency = price.currency};
    }
    return std::nullopt;
}

void tell_movement(v1::PaymentEvent& event, const std::optional<Money>& before, const Money& after,
                   bool ran_before) {
    write(after, *event.mutable_mrr());
    if (!before || before->currency != after.currency) return;
    std::int64_t delta = 0;
    if (__builtin_sub_overflow(after.minor, before->minor, &delta)) return;
    write(Money{.minor = delta, .currency = after.currency}, *event.mutable_mrr_delta());
    event.set_mrr_effect(effect_of(before->minor, after.minor, ran_before));
}

}  // namespace tollgate::providers
