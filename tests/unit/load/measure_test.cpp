#include "load/measure.hpp"

#include <catch2/catch.hpp>

#include "load/figure.hpp"

using tollgate::load::alternating_medians;
using tollgate::load::Better;
using tollgate::load::Figure;
using tollgate::load::median;

TEST_CASE("a median is the middle value and ignores an outlier") {
    CHECK(median({}) == 0);
    CHECK(median({3}) == 3);
    CHECK(median({5, 1, 1000}) == 5);
    CHECK(median({4, 1, 2, 3}) == 2.5);
}

TEST_CASE("both ways run in turn and each is first in every other round") {
    std::string order;
    const auto medians = alternating_medians(
        3,
        [&] {
            order += 'm';
            return 1.0;
        },
        [&] {
            order += 'b';
            return 2.0;
        });
    CHECK(order == "bmmbbmmb");
    CHECK(medians.measured == 1.0);
    CHECK(medians.baseline == 2.0);
}

TEST_CASE("the first round warms up and is not counted") {
    int measured = 0;
    int baseline = 0;
    const auto medians = alternating_medians(
        1, [&] { return measured++ == 0 ? 100.0 : 1.0; }, [&] { return baseline++ == 0 ? 100.0 : 2.0; });
    CHECK(measured == 2);
    CHECK(baseline == 2);
    CHECK(medians.measured == 1.0);
    CHECK(medians.baseline == 2.0);
}

TEST_CASE("a figure meets its goal from its better side and says nothing without one") {
    Figure figure{
        .name = "commit", .value = 5, .unit = "ms", .better = Better::lower, .baseline = {}, .goal = {}};
    CHECK(figure.met() == std::nullopt);
    figure.goal = 5;
    CHECK(figure.met() == true);
    figure.goal = 4.9;
    CHECK(figure.met() == false);
    figure.better = Better::higher;
    CHECK(figure.met() == true);
    figure.goal = 5.1;
    CHECK(figure.met() == false);
}
