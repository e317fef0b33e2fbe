// How far apart what a provider tells may be, and still be one thing that happened.
#pragma once

#include <chrono>

namespace tollgate::events {

// A provider tells one thing in several events, which may have no id in common. Where all else agrees (who
// paid, how much), events no further apart are taken to be of the same: by the ledger, by a customer's worth
// and by messages alike, so that they do not contradict each other.
constexpr std::chrono::minutes one_occurrence{10};

}  // namespace tollgate::events
