// The company's domain in an e-mail address.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::enrichment {

// As somebody has registered it, without subdomains and in small letters. Nothing where it is none of a
// company: a free-mail provider's, one under which anybody registers, one that is reserved for tests and
// local networks, an address, or no domain at all. What is before the @ goes nowhere.
std::optional<std::string> company_domain(std::string_view email);

}  // namespace tollgate::enrichment
