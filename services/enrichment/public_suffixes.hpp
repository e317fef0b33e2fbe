// Which part of a domain somebody has registered, by the public suffix list (publicsuffix.org).
#pragma once

#include <optional>
#include <string>

namespace tollgate::enrichment {

// "acme.co.uk" of "mail.acme.co.uk". Nothing of what others register under: "co.uk", "github.io". In small
// letters and ASCII. The list is the newest of the machine's, which is read once, and the library's own.
std::optional<std::string> registered_domain(const std::string& domain);

}  // namespace tollgate::enrichment
