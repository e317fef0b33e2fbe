// Whose a fact is, beside the fact itself.
#pragma once

#include <string>

#include "core/uuid.hpp"

namespace tollgate::billing {

// Test payments are kept apart from real ones, and providers from each other. One id within a realm is one
// object.
struct Realm {
    Uuid tenant;
    std::string provider;
    bool is_test = false;
    std::string within{};  // "source/north" or "account/ShopNL", where the provider's ids are not unique

    auto operator<=>(const Realm&) const = default;
};

template <typename Fact>
struct Told {
    Realm realm;
    Fact fact;
};

}  // namespace tollgate::billing
