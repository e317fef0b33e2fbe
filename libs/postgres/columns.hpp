// Columns of many rows, as `unnest` takes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::postgres {

template <typename Range, typename What>
auto column(const Range& range, What what) {
    std::vector<decltype(what(*range.begin()))> all;
    all.reserve(range.size());
    for (const auto& each : range) all.push_back(what(each));
    return all;
}

inline std::optional<std::string_view> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>{text};
}

}  // namespace tollgate::postgres
