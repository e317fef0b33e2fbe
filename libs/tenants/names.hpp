// How tenants, sources, paths and operators may be called. The tables check the same; here it is told in
// words, before anything is done. All errors are ErrorCode::invalid.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::tenants {

// `of` is what it is the slug of: "tenant", "source".
Result<void> check_slug(std::string_view of, std::string_view slug);
// What people read.
Result<void> check_title(std::string_view title);
Result<void> check_plan(std::string_view plan);
Result<void> check_school_code(std::string_view code);
Result<void> check_operator_name(std::string_view name);
// A JSON object of a sensible size.
Result<void> check_settings(std::string_view settings);
// The alias as it is kept and looked for: a slash at the end makes no difference.
Result<std::string> canonical_alias(std::string_view path);
std::string_view without_last_slash(std::string_view path);

}  // namespace tollgate::tenants
