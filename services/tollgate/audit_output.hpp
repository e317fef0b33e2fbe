// How `tollgate audit` tells what it found.
#pragma once

#include <vector>

#include "tollgate/balance.hpp"

namespace tollgate {

// What was found, of all hours.
struct Audit {
    BalanceFrame frame;
    Timestamp since;
    Timestamp until;
    std::vector<HourBooks> hours;
    std::vector<Imbalance> imbalances;
    std::size_t accepted = 0;  // others, which operators have looked into
};

// A line for each hour and each exception, and one that sums up.
void print_as_json(const Audit& audit);
// A table, what its dashes stand for, and the exceptions, each with the command that deals with it.
void print_for_people(const Audit& audit);

}  // namespace tollgate
