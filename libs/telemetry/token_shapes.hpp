// Credentials that show by their beginning what they are. For `redact` only.
#pragma once

#include <cstddef>
#include <string_view>

namespace tollgate::telemetry {

// Of a credential in a text: how long the prefix is, which stays, and what follows it. Both 0 if none begins.
struct Token {
    std::size_t prefix = 0;
    std::size_t secret = 0;
};

Token token_at(std::string_view text, std::size_t at);

// False for what may as well be an ordinary word: short, and without a digit.
bool looks_made_up(std::string_view value);

}  // namespace tollgate::telemetry
