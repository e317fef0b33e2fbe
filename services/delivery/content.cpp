#include "delivery/content.hpp"

#include <algorithm>
#include <map>

#include "delivery/amounts.hpp"
#include "delivery/compose.hpp"
#include "delivery/gathered.hpp"
#include "delivery/richest.hpp"
#include "delivery/story.hpp"

namespace tollgate::delivery {

namespace {

struct OneFact {
    Uuid fact;
    Timestamp at;
    v1::PaymentEvent event;
};

std::vector<OneFact> facts_of(const std::vector<ToldEvent>& told) {
    std::map<Uuid, std::vector<const ToldEvent*>> by_fact;
    for (const ToldEvent& each : told) by_fact[each.fact].push_back(&each);
    std::vector<OneFact> facts;
    for (const auto& [fact, tellers] : by_fact) {
        std::vector<v1::PaymentEvent> siblings;
        Timestamp at = tellers.front()->at;
        for (const ToldEvent* const teller : tellers) {
            siblings.push_back(teller->event);
            at = std::min(at, teller->at);
        }
        facts.push_back({.fact = fact, .at = at, .event = told_as_one(siblings)});
    }
    std::ranges::sort(facts, {}, [](const OneFact& each) { return std::pair{each.at, each.fact}; });
    return facts;
}

}  // namespace

std::vector<v1::PaymentEvent> each_fact(const std::vector<ToldEvent>& told) {
    std::vector<v1::PaymentEvent> events;
    for (OneFact& each : facts_of(told)) events.push_back(std::move(each.event));
    return events;
}

std::vector<v1::PaymentEvent> one_of_each(const std::vector<ToldEvent>& told) {
    const std::vector<OneFact> facts = facts_of(told);
    // What failed in the night and was paid in the morning is one line.
    std::map<StoryKey, std::size_t> newest;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        if (const auto story = story_of(facts[i].event)) newest[*story] = i;
    }
    std::vector<v1::PaymentEvent> events;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const auto story = story_of(facts[i].event);
        if (!story || newest.at(*story) == i) events.push_back(facts[i].event);
    }
    return events;
}

Message bundle_of(const std::vector<ToldEvent>& told, std::size_t facts, const Circumstances& circumstances) {
    const std::vector<v1::PaymentEvent> events = one_of_each(told);
    if (events.size() == 1) return compose(events.front(), circumstances);
    Message message = compose_bundle({.title = "While it was quiet", .events = events}, circumstances);
    if (const std::size_t looked_at = each_fact(told).size(); facts > looked_at) {
        message.marks.push_back(
            fmt::format("These are the newest {} of {}.", grouped_digits(looked_at), grouped_digits(facts)));
    }
    return message;
}

}  // namespace tollgate::delivery
