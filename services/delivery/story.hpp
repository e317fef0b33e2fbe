// Events of one subscription, invoice or dispute are one story: the first message is the parent, which is
// changed to the latest state, and what comes later is a reply in its thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "delivery/circumstances.hpp"
#include "delivery/message.hpp"

namespace tollgate::delivery {

struct StoryKey {
    std::string kind;  // "dispute", "subscription", "invoice" or "payment"
    std::string id;    // the provider's

    auto operator<=>(const StoryKey&) const = default;
};

// The most telling that the event names; nothing for what stands by itself.
std::optional<StoryKey> story_of(const v1::PaymentEvent& event);

// What is known of the parent as it stands: kept by whoever sends it.
struct StoryState {
    std::string began;      // the first headline
    v1::Priority priority;  // of what the parent says now
    std::optional<Timestamp> happened{};
    std::uint64_t version = 0;
};

struct FollowUp {
    std::optional<Message> parent;  // its new words; nothing if the event is older than what it says
    Message reply;
    bool also_in_channel = false;  // it has become more urgent, or the story has ended
    bool ends = false;
};

FollowUp follow_up(const StoryState& state, const v1::PaymentEvent& event,
                   const Circumstances& circumstances);

}  // namespace tollgate::delivery
