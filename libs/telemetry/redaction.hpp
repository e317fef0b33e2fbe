// The second lock on secrets: the first is `Secret`, which cannot be printed at all.
#pragma once

#include <string>
#include <string_view>

namespace tollgate::telemetry {

// True for names such as "password", "authorization" or "client_secret", whose values are never printed.
bool names_a_secret(std::string_view key);

// The text with what looks like a credential replaced by "[redacted]": passwords in URLs, what is assigned to
// a secret's name (password=..., "client_secret": "...", Authorization: ...), Slack webhook paths, and the
// tokens of known shapes (sk_live_, whsec_, xoxb-, Bearer ...). Takes time in proportion to the text.
std::string redact(std::string_view text);

}  // namespace tollgate::telemetry
