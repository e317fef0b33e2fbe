// How results are printed: for people a table or lines, for programs JSON, on stdout.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "core/clock.hpp"

namespace tollgate {

// Columns as wide as their widest cell. The first row are the headings.
void print_table(const std::vector<std::vector<std::string>>& rows);
void print_json(const boost::json::value& value);

std::string text_or_dash(const std::optional<Timestamp>& time);
boost::json::value json_or_null(const std::optional<Timestamp>& time);
boost::json::value json_array(const std::vector<std::string>& words);

}  // namespace tollgate
