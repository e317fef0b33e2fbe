// Tests wait for what they expect, with a deadline; they never sleep for a guessed time.
#pragma once

#include <chrono>
#include <functional>

namespace tollgate::test {

// True as soon as the condition holds; false when the deadline has passed without it.
bool wait_until(const std::function<bool()>& condition,
                std::chrono::milliseconds deadline = std::chrono::seconds{10});

}  // namespace tollgate::test
