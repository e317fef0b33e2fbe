// Text for Slack, which decodes three entities everywhere and, where it takes markup, formatting marks and
// references in angle brackets. Whoever wrote the text, nothing in it comes out as markup.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "delivery/message.hpp"

namespace tollgate::delivery {

// For objects of type plain_text: entities only. At most so many UTF-16 units of what is sent, cut before a
// character, never within an entity.
std::string slack_plain(std::string_view text, std::size_t units_max);

// For objects of type mrkdwn and the top-level text: moreover no mark formats, and no @word or #word refers.
std::string slack_markup(std::string_view text, std::size_t units_max);

// Moments become dates in each reader's own zone.
std::string slack_markup(const Text& text, std::size_t units_max);

}  // namespace tollgate::delivery
