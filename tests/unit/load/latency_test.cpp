#include "load/latency.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <random>

#include <catch2/catch.hpp>

using std::chrono::nanoseconds;
using tollgate::load::Latencies;

TEST_CASE("without any latency everything is zero") {
    const Latencies latencies;
    CHECK(latencies.count() == 0);
    CHECK(latencies.max() == nanoseconds{0});
    CHECK(latencies.percentile(50) == nanoseconds{0});
    CHECK(latencies.percentile(100) == nanoseconds{0});
}

TEST_CASE("small latencies are counted exactly") {
    Latencies latencies;
    for (int i = 1; i <= 200; ++i) latencies.record(nanoseconds{i});
    CHECK(latencies.percentile(50) == nanoseconds{100});
    CHECK(latencies.percentile(99.5) == nanoseconds{199});
    CHECK(latencies.percentile(100) == nanoseconds{200});
    CHECK(latencies.percentile(0) == nanoseconds{1});
}

TEST_CASE("every size of latency is off by less than a hundredth and never too low") {
    for (const std::int64_t value : {255L, 256L, 257L, 511L, 512L, 1'000L, 123'456L, 1'000'000L, 999'999'999L,
                                     60'000'000'000L, 1L << 40, (1L << 62) + 1}) {
        Latencies latencies;
        latencies.record(nanoseconds{value});
        // A longer one behind it, because the maximum is exact.
        latencies.record(nanoseconds{std::numeric_limits<std::int64_t>::max()});
        const std::int64_t read = latencies.percentile(50).count();
        INFO(value);
        CHECK(read >= value);
        CHECK(static_cast<double>(read - value) <= 0.008 * static_cast<double>(value));
        CHECK(latencies.max().count() == std::numeric_limits<std::int64_t>::max());
    }
}

TEST_CASE("percentiles of many random latencies are those of the sorted list") {
    std::mt19937_64 random{42};
    std::lognormal_distribution<double> distribution{13, 2};
    Latencies latencies;
    std::vector<std::int64_t> all;
    for (int i = 0; i < 20'000; ++i) {
        all.push_back(static_cast<std::int64_t>(distribution(random)));
        latencies.record(nanoseconds{all.back()});
    }
    std::ranges::sort(all);
    for (const double percent : {1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
        const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * 20'000));
        const auto exact = static_cast<double>(all[rank - 1]);
        const auto read = static_cast<double>(latencies.percentile(percent).count());
        INFO(percent);
        CHECK(read >= exact);
        CHECK(read <= exact * 1.008);
    }
}

TEST_CASE("what two threads recorded adds up") {
    Latencies one;
    Latencies other;
    for (int i = 0; i < 99; ++i) one.record(nanoseconds{10});
    other.record(nanoseconds{5'000});
    one.add(other);
    CHECK(one.count() == 100);
    CHECK(one.percentile(99) == nanoseconds{10});
    CHECK(one.percentile(99.1) == nanoseconds{5'000});
    CHECK(one.max() == nanoseconds{5'000});
}

TEST_CASE("a clock that went backwards counts as zero") {
    Latencies latencies;
    latencies.record(nanoseconds{-5});
    CHECK(latencies.percentile(100) == nanoseconds{0});
}
