#include "delivery/listed_events.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "delivery/compose.hpp"
#include "delivery/event_words.hpp"

namespace tollgate::delivery {

EventList without_tests(std::span<const v1::PaymentEvent> events) {
    EventList real;
    EventList tests;
    for (const v1::PaymentEvent& event : events) {
        (event.mode() == v1::MODE_TEST ? tests : real).push_back(&event);
    }
    return real.empty() ? tests : real;
}

Sums amounts_of(const EventList& events) {
    Sums sums;
    for (const auto* const event : events) {
        if (event->has_amount()) sums.add(event->amount());
    }
    return sums;
}

bool is_untold(const v1::PaymentEvent& event) {
    return event.amount().currency().empty() && tells_amounts(layout_of(event));
}

std::size_t untold_in(const EventList& events) {
    return static_cast<std::size_t>(
        std::ranges::count_if(events, [](const auto* event) { return is_untold(*event); }));
}

Sums mrr_of(const EventList& events) {
    Sums sums;
    for (const auto* const event : events) {
        if (event->mrr().minor() > 0) sums.add(event->mrr());
    }
    return sums;
}

std::size_t customers_in(const EventList& events) {
    std::set<std::string_view> customers;
    for (const auto* const event : events) {
        const auto& customer = event->customer();
        const std::string_view key =
            customer.id().empty() ? std::string_view{customer.email()} : customer.id();
        if (!key.empty()) customers.insert(key);
    }
    return customers.size();
}

std::pair<std::string, std::size_t> top_reason(const EventList& events) {
    const Circumstances nowhere;
    std::map<std::string, std::size_t> counts;
    for (const auto* const event : events) {
        const std::string reason = words_of({.event = *event, .circumstances = nowhere}, "reason").words();
        if (!reason.empty()) ++counts[reason];
    }
    const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
    return most == counts.end() ? std::pair<std::string, std::size_t>{}
                                : std::pair{most->first, most->second};
}

EventList by_importance(EventList events) {
    // Amounts of two currencies have no order of their own.
    std::map<std::string_view, std::size_t> frequency;
    for (const auto* const event : events) ++frequency[event->amount().currency()];
    const auto rank = [&](const v1::PaymentEvent* event) {
        const auto& amount = event->amount();
        return std::tuple{priority_of(*event), events.size() - frequency[amount.currency()],
                          std::string_view{amount.currency()}, ~amount.minor()};
    };
    std::ranges::sort(events, [&](const auto* a, const auto* b) {
        const auto rank_a = rank(a);
        const auto rank_b = rank(b);
        return rank_a != rank_b ? rank_a < rank_b : std::less{}(a, b);  // they stand in one array
    });
    return events;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", grouped_digits(count), count == 1 ? one : many);
}

}  // namespace tollgate::delivery
