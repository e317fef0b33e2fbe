// What cards and digests need to know of a list of events.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "delivery/amounts.hpp"
#include "delivery/circumstances.hpp"
#include "delivery/layouts.hpp"

namespace tollgate::delivery {

using EventList = std::vector<const v1::PaymentEvent*>;

// The real ones; if there are none, the tests.
EventList without_tests(std::span<const v1::PaymentEvent> events);

Sums amounts_of(const EventList& events);
// What moves money, and says not how much.
bool is_untold(const v1::PaymentEvent& event);
std::size_t untold_in(const EventList& events);
Sums mrr_of(const EventList& events);
std::size_t customers_in(const EventList& events);  // that can be told apart

// The most frequent reason of failure and how many have it; nothing if none is told.
std::pair<std::string, std::size_t> top_reason(const EventList& events);

// Most urgent first, then by amount within a currency, the most frequent currency first; events that are
// alike keep their order.
EventList by_importance(EventList events);

// "143 payments failed", "1 payment failed"; thousands separated.
std::string counted(std::size_t count, std::string_view one, std::string_view many);

}  // namespace tollgate::delivery
