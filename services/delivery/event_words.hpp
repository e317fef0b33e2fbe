// The names that templates may use, and what each is for a given event.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "delivery/circumstances.hpp"
#include "delivery/message.hpp"

namespace tollgate::delivery {

struct Scene {
    const v1::PaymentEvent& event;
    const Circumstances& circumstances;
    std::size_t name_units_max = 60;  // for names of customers; plans get two thirds
};

// Empty if the event does not tell it, or if nothing has this name.
Text words_of(const Scene& scene, std::string_view name);

std::vector<std::string_view> known_names();

}  // namespace tollgate::delivery
