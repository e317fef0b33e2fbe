// Rows for people to read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tollgate {

// Columns as wide as their widest cell; the first row are the headings. Where the lines of the reader are
// shorter than that, the columns that have no room go below the first ones, further in, and what is longer
// than a whole line is broken between words. The cells are printable.
std::string lay_out(const std::vector<std::vector<std::string>>& rows, std::optional<std::size_t> width);

}  // namespace tollgate
