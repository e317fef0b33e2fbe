// What a consumer holds for a time of its own choosing, when that time turns out to be another.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

// Of a tenant, what is held for that cause and until a time: from now on one after the other in the same
// order, so far apart. What is being run is left alone. Gives how many these were. Throws SqlError.
std::int64_t pace_held(postgres::Transaction& tx, std::string_view consumer, const Uuid& tenant,
                       std::string_view cause, std::chrono::microseconds apart);

}  // namespace tollgate::consumer
