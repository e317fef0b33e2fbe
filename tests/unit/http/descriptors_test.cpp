#include "http/descriptors.hpp"

#include <catch2/catch.hpp>

using namespace tollgate::http;

TEST_CASE("no more connections are allowed than there are descriptors for") {
    constexpr ServerLimits wanted{.connections_max = 4096, .connections_per_address_max = 1024};
    const auto of = [&](std::size_t descriptors) { return within(wanted, descriptors); };
    CHECK(of(1'048'576).connections_max == 4096);
    CHECK(of(1'048'576).connections_per_address_max == 1024);
    for (const std::size_t descriptors : {1024UL, 2048UL, 4096UL}) {
        const ServerLimits limits = of(descriptors);
        // With those that are told so, and half of all, 512 at most, for other things.
        const std::size_t all = limits.connections_max + limits.connections_max / 8 + 8;
        CHECK(all + 512 <= descriptors);
        CHECK(all + 512 > descriptors * 3 / 4);
        // An address has its quarter.
        CHECK(limits.connections_per_address_max == limits.connections_max / 4);
    }
    CHECK(of(0).connections_max == 1);
    CHECK(of(0).connections_per_address_max == 1);
    CHECK(within({.connections_max = 100}, 1024).connections_max == 100);
}
