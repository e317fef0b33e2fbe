// What a benchmark measures: never a number alone, but one beside its baseline and its goal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace tollgate::load {

enum class Better { lower, higher };

struct Figure {
    std::string name;
    double value = 0;
    std::string unit;
    Better better = Better::lower;
    std::optional<double> baseline;  // the same done the other way, measured in the same run
    std::optional<double> goal;

    // Nothing where there is no goal. A figure that falls short is shown as such, and fails nothing.
    std::optional<bool> met() const {
        if (!goal) return std::nullopt;
        return better == Better::lower ? value <= *goal : value >= *goal;
    }
};

using Figures = std::vector<Figure>;

}  // namespace tollgate::load
