// What is said of a claimed delivery, and where. Pure.
#pragma once

#include "delivery/queue.hpp"
#include "delivery/slack.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::delivery {

struct Said {
    Message message;
    SlackPlace place;
    // What its story is by then, if it arrives.
    std::optional<StoryTold> story{};
};

Said say(const Claimed& claimed, const tenants::OpenDestination& destination);

}  // namespace tollgate::delivery
