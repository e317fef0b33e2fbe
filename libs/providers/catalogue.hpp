// Every provider that Tollgate knows.
#pragma once

#include <span>
#include <string_view>

#include "providers/provider.hpp"

namespace tollgate::providers {

std::span<const Provider* const> all();

// Null if there is none of that name.
const Provider* find(std::string_view name);

}  // namespace tollgate::providers
