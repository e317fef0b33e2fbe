// Text of unknown origin, made fit for a line of a log, a terminal or a JSON document.
#pragma once

#include <string>
#include <string_view>

namespace tollgate::telemetry {

// The text as UTF-8 that every reader takes: each byte that belongs to no well-formed character (surrogates,
// overlong forms and what lies beyond U+10FFFF are none) becomes U+FFFD.
std::string valid_utf8(std::string_view text);

// Valid UTF-8 on one line, in which nothing moves a terminal's cursor or turns its direction of writing:
// such characters are shown as \x1b or \u202e.
std::string printable(std::string_view text);

}  // namespace tollgate::telemetry
