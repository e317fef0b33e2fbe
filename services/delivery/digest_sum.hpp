// What a digest says of events, as they are added one by one: it takes no more memory for many of them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "delivery/amounts.hpp"
#include "delivery/layouts.hpp"

namespace tollgate::delivery {

class DigestSum {
public:
    struct Kind {
        const Layout* layout = nullptr;
        std::size_t count = 0;
        Sums amounts{};
        Sums mrr{};              // at stake
        std::size_t untold = 0;  // that move money, and say not how much
    };
    struct Movement {
        Sums sums{};
        std::size_t count = 0;
    };
    struct Part {
        std::size_t count = 0;
        std::vector<Kind> kinds{};  // in the order in which they came first
        std::array<Movement, 5> movements{};
        std::vector<v1::PaymentEvent> pressing{};  // the most important of them
        std::size_t pressing_count = 0;
    };

    void add(const v1::PaymentEvent& event);

    std::size_t count() const { return real_.count + tests_.count; }
    // The real events; if there are none, the tests.
    const Part& told() const { return is_test() ? tests_ : real_; }
    bool is_test() const { return real_.count == 0 && tests_.count > 0; }

private:
    Part real_;
    Part tests_;
};

constexpr auto movement_effects =
    std::to_array<v1::MrrEffect>({v1::MRR_EFFECT_NEW, v1::MRR_EFFECT_EXPANSION, v1::MRR_EFFECT_CONTRACTION,
                                  v1::MRR_EFFECT_CHURN, v1::MRR_EFFECT_REACTIVATION});
constexpr std::array<std::string_view, 5> movement_labels{"New", "Expansion", "Contraction", "Churn",
                                                          "Reactivation"};

}  // namespace tollgate::delivery
