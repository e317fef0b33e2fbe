// The word that somebody probably meant.
#pragma once

#include <algorithm>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate {

// ": did you mean --http-port?" if a candidate is near enough, else nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

// The candidate that is the word but for so many slips at most: a letter that is wrong, missing, too many, or
// changed places with its neighbour. Empty if there is none, or if the word is one of them.
std::string_view misspelt(std::string_view word, const std::vector<std::string_view>& candidates,
                          std::size_t slips_max);

template <std::ranges::range Words>
std::string did_you_mean(std::string_view word, const Words& candidates) {
    return did_you_mean(
        word, std::vector<std::string_view>(std::ranges::begin(candidates), std::ranges::end(candidates)));
}

}  // namespace tollgate
