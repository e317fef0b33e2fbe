#include "core/nearest.hpp"

#include <utility>

#include <fmt/format.h>

namespace tollgate {

namespace {

// How many letters are wrong, missing, too many, or two neighbours in the wrong order, which is the commonest
// slip in a short word.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last[b.size()];
}

}  // namespace

std::string_view misspelt(std::string_view word, const std::vector<std::string_view>& candidates,
                          std::size_t slips_max) {
    std::string_view best;
    std::size_t least = slips_max + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t longer =
            std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
        if (longer >= least) continue;
        const std::size_t apart = distance(word, candidate);
        if (apart == 0) return {};
        if (apart < least) {
            least = apart;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t apart = distance(word, candidate);
        if (apart < least) {
            least = apart;
            best = candidate;
        }
    }
    return best.empty() ? std::string{} : fmt::format(": did you mean {}?", best);
}

}  // namespace tollgate
