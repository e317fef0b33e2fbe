// From the first to the last of some ids: what tells Postgres which days it has to look into.
#pragma once

#include <algorithm>
#include <span>

#include "core/uuid.hpp"

namespace tollgate::archive {

struct IdRange {
    Uuid first;
    Uuid last;
};

inline IdRange range_of(std::span<const Uuid> ids) {
    if (ids.empty()) return {};
    const auto [first, last] = std::ranges::minmax(ids);
    return {.first = first, .last = last};
}

}  // namespace tollgate::archive
