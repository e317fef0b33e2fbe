// One message beside another that fails again and again is run, and nothing of it kept: whether it is the
// server that is slow, for everybody, or the message.
#pragma once

#include <span>

#include "consumer/intake.hpp"
#include "consumer/stream_work.hpp"

namespace tollgate::consumer {

// False also where there is no other to try.
bool another_goes_through(const Workshop& shop, std::span<const Item> items, const Item& failing);

}  // namespace tollgate::consumer
