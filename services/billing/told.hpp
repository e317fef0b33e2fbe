// Whose a fact is, beside the fact itself.
#pragma once

#include <string>

#include "core/uuid.hpp"

namespace tollgate::billing {

// Test payments are kept apart from real ones, and providers from each other.
struct Realm {
    Uuid tenant;
    std::string provider;
    bool is_test = false;

    auto operator<=>(const Realm&) const = default;
};

template <typename Fact>
struct Told {
    Realm realm;
    Fact fact;
};

}  // namespace tollgate::billing
