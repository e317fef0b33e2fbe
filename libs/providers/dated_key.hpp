// What was made of a source's secret, with the period in which it is valid; the secret itself is not kept.
#pragma once

#include <algorithm>
#include <utility>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

template <typename Key>
struct DatedKey {
    DatedKey(const SourceSecret& secret, Key made)
        : id{secret.id},
          valid_from{secret.valid_from},
          valid_until{secret.valid_until},
          key{std::move(made)} {}

    Uuid id;
    Timestamp valid_from;
    Timestamp valid_until;  // not any more at this time
    Key key;
};

// Of a SourceSecret too.
bool is_valid_at(const auto& secret, Timestamp now) {
    return secret.valid_from <= now && now < secret.valid_until;
}

bool any_valid_at(const auto& secrets, Timestamp now) {
    return std::ranges::any_of(secrets, [&](const auto& secret) { return is_valid_at(secret, now); });
}

}  // namespace tollgate::providers
