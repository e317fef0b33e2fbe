// Percent-encoding, as paths and as forms have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace tollgate::http {

// For what addresses a thing: an incomplete escape and control characters are errors, so that one name has
// one meaning for us, for the log and for the database.
Result<std::string> percent_decode(std::string_view text);

// The first value of that name in "a=1&b=2", decoded as browsers and providers encode forms: "+" is a
// space, and a "%" that starts no escape stands for itself.
std::optional<std::string> form_value(std::string_view encoded, std::string_view name);

// Every name with its value, decoded like that, in order.
std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view encoded);

}  // namespace tollgate::http
