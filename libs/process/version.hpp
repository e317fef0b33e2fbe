// Which build this is: "0.1.0".
#pragma once

#include <string_view>

namespace tollgate::process {

std::string_view version();

}  // namespace tollgate::process
