// Many events told as one message: a storm of similar ones, and a digest of a period. Amounts are summed by
// currency, never across; test events are never mixed with real money.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "delivery/amounts.hpp"
#include "delivery/circumstances.hpp"
#include "delivery/digest_sum.hpp"
#include "delivery/message.hpp"

namespace tollgate::delivery {

// What is known of all events of a storm when only some of them are at hand.
struct StormTotals {
    std::size_t count = 0;
    std::size_t looked_at = 0;  // the newest ones, which all else is of; 0: all of them
    Sums amounts{};
    std::size_t untold = 0;  // that move money, and say not how much
    std::size_t customers = 0;
    std::string top_reason{};
    std::size_t with_top_reason = 0;
    std::optional<Timestamp> first{};
    std::optional<Timestamp> last{};
};

struct Storm {
    std::span<const v1::PaymentEvent> events;  // of one layout, at least one
    std::optional<StormTotals> totals{};       // unless `events` are all of them
    std::uint32_t usual = 0;                   // how many such a window has otherwise; 0: not known
    std::uint32_t recovered = 0;               // since, once it is over
    bool over = false;
};

// One card, to be sent once and then kept up to date until the storm is over.
Message compose_storm(const Storm& storm, const Circumstances& circumstances);

struct Digest {
    std::string title;  // "Week 47", "Overnight"
    std::span<const v1::PaymentEvent> events;
};

Message compose_digest(const Digest& digest, const Circumstances& circumstances);
// The same of events that were added up as they were read.
Message compose_digest(const std::string& period, const DigestSum& sum, const Circumstances& circumstances);

// What came in quiet hours: few enough that people want to know of whom, and to look at it.
Message compose_bundle(const Digest& bundle, const Circumstances& circumstances);

}  // namespace tollgate::delivery
