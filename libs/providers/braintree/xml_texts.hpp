// The texts of a small XML document by their path: what Braintree writes, and not one bit more of XML.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::providers::braintree {

// "notification/kind". The first of each path counts. A document type, a reference that is not XML's own, and
// anything that is not well-formed is an error.
Result<std::map<std::string, std::string, std::less<>>> read_xml_texts(std::string_view xml);

}  // namespace tollgate::providers::braintree
