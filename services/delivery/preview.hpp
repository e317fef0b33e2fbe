// A message as it would look in a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "delivery/message.hpp"

namespace tollgate::delivery {

struct PreviewStyle {
    std::size_t columns = 80;  // fewer than 24 are taken for 24
    bool colours = false;
};

// Lines that end with a newline, none wider than asked but for links, which are of use only whole.
std::string preview(const Message& message, const PreviewStyle& style = {});

}  // namespace tollgate::delivery
