// Templates of layouts: words with {names}, of which some may be unknown.
//
//   "Payment failed[: {who}][, {amount}]"     a part in brackets is left out when a name in it is unknown
//   "[{provider}|The provider] tries again"   or is the first of its alternatives that is known
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "delivery/message.hpp"

namespace tollgate::delivery {

using WordsOf = std::function<Text(std::string_view name)>;  // empty: not known

// Nothing if a name outside brackets is unknown.
std::optional<Text> fill(std::string_view text, const WordsOf& words_of);

}  // namespace tollgate::delivery
