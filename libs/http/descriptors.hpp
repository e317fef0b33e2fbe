// A connection takes a descriptor of the process, which has so many and needs some for other things too.
#pragma once

#include <cstddef>

#include "http/server.hpp"

namespace tollgate::http {

// As many as this process may have now.
std::size_t descriptors_max();

// With no more connections than there are descriptors for; an address has its part of them. Those that are
// told that there is no place are counted in.
ServerLimits within(ServerLimits limits, std::size_t descriptors);

}  // namespace tollgate::http
