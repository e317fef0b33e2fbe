// More events than a test would make one by one.
#pragma once

#include <chrono>

#include "core/uuid.hpp"
#include "shell.hpp"

namespace tollgate::test {

// So many more that are stored like this one, received that long ago.
void make_events_like(const Shell& shell, const Uuid& event, int number,
                      std::chrono::seconds ago = std::chrono::seconds{0});

}  // namespace tollgate::test
