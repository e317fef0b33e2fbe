#include "providers/form.hpp"

#include <algorithm>
#include <numeric>

#include "http/percent.hpp"

namespace tollgate::providers {

FormFields::FormFields(std::string_view body) : pairs_{http::form_pairs(body)} {}

std::optional<std::string> FormFields::optional(std::string_view name) {
    const auto named = [&](const auto& pair) { return pair.first == name; };
    const auto found = std::ranges::find_if(pairs_, named);
    if (found == pairs_.end()) return std::nullopt;
    if (std::ranges::count_if(pairs_, named) > 1 && !error_) {
        error_ = Error{ErrorCode::invalid, fmt::format("the form's field {} is there twice", name)};
    }
    return found->second.empty() ? std::nullopt : std::optional{found->second};
}

std::string FormFields::required(std::string_view name) {
    auto value = optional(name);
    if (!value && !error_) {
        error_ = Error{ErrorCode::invalid, fmt::format("the form's field {} is not there, or empty", name)};
    }
    return value.value_or("");
}

std::string FormFields::canonical() const {
    std::vector<std::size_t> order(pairs_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // By place too, because fields of one name are a list.
    std::ranges::sort(order, {},
                      [&](std::size_t at) { return std::pair{std::string_view{pairs_[at].first}, at}; });
    std::string out;
    const auto append = [&](std::string_view text) {
        out.append(std::to_string(text.size())).append(1, ':').append(text);
    };
    for (const std::size_t at : order) {
        append(pairs_[at].first);
        append(pairs_[at].second);
    }
    return out;
}

}  // namespace tollgate::providers
