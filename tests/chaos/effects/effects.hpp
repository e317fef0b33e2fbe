// What is to be true in the end: each event has its effect once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "world.hpp"

namespace tollgate::test {

// Until nothing waits any more: each event is in the inbox, no row is due, nothing is to be refilled, and all
// that is on the bus was read.
bool comes_to_rest(const World& world, std::chrono::milliseconds deadline = std::chrono::seconds{120});
// What it still waits for.
std::string waits_for(const World& world);

// Those that are dead.
struct Dead {
    Uuid id;
    std::string reason;
};
std::vector<Dead> dead(const World& world);

std::map<Uuid, std::int64_t> effects(const World& world);

// One line for each event that has not one effect, or, dead for the kills, none; and for each effect of
// nothing.
std::vector<std::string> strange(const World& world);

// Rests, finds nothing strange, has an operator replay what the kills condemned, and finds an effect of each
// event. Members are at work meanwhile. Gives how many were condemned.
std::size_t require_each_effect_once(const World& world);

// Where the consumer stands on the bus at hand: one line for each reader or partition.
std::vector<std::string> positions(const World& world);

}  // namespace tollgate::test
