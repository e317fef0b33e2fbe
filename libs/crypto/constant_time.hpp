// Comparing what proves something, in a time that does not say where the first difference is.
#pragma once

#include <string_view>

namespace tollgate::crypto {

// Of different lengths: false, at once; a length is no secret.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace tollgate::crypto
