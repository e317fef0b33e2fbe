// Figures for people and for machines.
#pragma once

#include <string>

#include "load/figure.hpp"

namespace tollgate::load {

// One line a figure; one that falls short of its goal says so.
std::string to_table(const Figures& figures);

// {"figures":[{"name","value","unit","baseline","goal","met"}]}, null where there is none.
std::string to_json(const Figures& figures);

}  // namespace tollgate::load
