// Free ports on loopback for servers that a test starts.
#pragma once

#include <cstdint>

namespace tollgate::test {

// A port that nothing listened on a moment ago. Two calls in one process never give the same one; in several
// processes that is only very unlikely.
std::uint16_t free_port();

}  // namespace tollgate::test
