// How results are printed: for people a table or lines, for programs JSON, on stdout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "core/clock.hpp"

namespace tollgate {

// The first row are the headings. See `lay_out`.
void print_table(const std::vector<std::vector<std::string>>& rows);
void print_json(const boost::json::value& value);

// On a terminal, and not where NO_COLOR is set.
bool shows_colours();
enum class Colour { green, yellow, red };
std::string in_colour(const std::string& text, Colour colour);

// Of a list for which one more was asked for than is shown: whether there is one, which is then taken off.
// What is cut off is said, on stderr.
template <typename T>
bool cut_to(std::int64_t limit, std::vector<T>& all) {
    const bool more = static_cast<std::int64_t>(all.size()) > limit;
    if (more) all.resize(static_cast<std::size_t>(limit));
    return more;
}
void tell_of_more(bool more, std::int64_t limit);

// "2h 5m".
std::string age_text(Timestamp since, Timestamp now);
std::string text_or_dash(const std::optional<Timestamp>& time);
boost::json::value json_or_null(const std::optional<Timestamp>& time);
boost::json::value json_array(const std::vector<std::string>& words);

}  // namespace tollgate
