#include "tollgate/output.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "telemetry/text.hpp"
#include "tollgate/table.hpp"

namespace tollgate {

namespace {

// None where nobody reads it on a terminal: a program, or a file, has one line a row.
std::optional<std::size_t> columns_of_terminal() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

}  // namespace

void print_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> shown;
    for (const auto& row : rows) {
        auto& cells = shown.emplace_back();
        for (const std::string& cell : row) cells.push_back(telemetry::printable(cell));
    }
    fmt::print("{}", lay_out(shown, columns_of_terminal()));
}

void print_json(const boost::json::value& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

bool shows_colours() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* unwanted = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) != 0 && (unwanted == nullptr || *unwanted == '\0');
}

std::string in_colour(const std::string& text, Colour colour) {
    if (!shows_colours()) return text;
    constexpr int red = 31;
    constexpr int green = 32;
    constexpr int yellow = 33;
    const int code = colour == Colour::red ? red : colour == Colour::green ? green : yellow;
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void tell_of_more(bool more, std::int64_t limit) {
    if (!more) return;
    // Behind the list, also where both go into one file.
    std::fflush(stdout);
    fmt::print(stderr, "and more: --limit {} and above shows them\n", limit + 1);
}

std::string age_text(Timestamp since, Timestamp now) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(std::max(now - since, {}));
    const auto hours = std::chrono::floor<std::chrono::hours>(whole);
    const auto minutes = std::chrono::floor<std::chrono::minutes>(whole - hours);
    if (hours.count() > 0) return fmt::format("{}h {}m", hours.count(), minutes.count());
    if (minutes.count() > 0) return fmt::format("{}m {}s", minutes.count(), (whole - minutes).count());
    return fmt::format("{}s", whole.count());
}

std::string text_or_dash(const std::optional<Timestamp>& time) {
    return time ? to_rfc3339(*time) : "-";
}

boost::json::value json_or_null(const std::optional<Timestamp>& time) {
    if (!time) return nullptr;
    return boost::json::value(to_rfc3339(*time));
}

boost::json::value json_array(const std::vector<std::string>& words) {
    return boost::json::array(words.begin(), words.end());
}

}  // namespace tollgate
