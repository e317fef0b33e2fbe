// Bytes that nobody can guess.
#pragma once

#include <cstddef>
#include <string>

namespace tollgate::crypto {

// Throws std::runtime_error if the system has no randomness to give; nothing safe can be done then.
std::string random_bytes(std::size_t count);

}  // namespace tollgate::crypto
