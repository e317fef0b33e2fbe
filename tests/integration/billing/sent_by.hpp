// What providers tell in their own events, and what billing makes of it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "unit/providers/requests.hpp"
#include "world.hpp"

namespace tollgate::test {

using Texts = std::vector<std::string>;
using Told = std::vector<events::PaymentEvent>;

struct Replaced {
    std::string_view text;
    std::string_view other;
};

// A sample as it is stored, and what stands in it otherwise.
struct Step {
    std::string_view type;
    std::vector<Replaced> replaced{};
    std::chrono::minutes later{};  // than the sample
};

events::PaymentEvent normalised(const providers::Provider& provider, std::string_view settings,
                                const providers::Item& item, std::string_view body);
Told told_by(std::string_view name, const std::vector<Step>& steps, std::string_view settings = "{}");

// How the payments stand, and what is in the accounts: the same whatever the order.
Texts booked(const Told& told);

}  // namespace tollgate::test
