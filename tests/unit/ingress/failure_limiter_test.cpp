#include "ingress/failure_limiter.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using tollgate::Uuid;
using tollgate::http::IpAddress;
using tollgate::ingress::FailureLimiter;

namespace {

const Uuid source = tollgate::make_uuid_v4();
const FailureLimiter::TimePoint start = std::chrono::steady_clock::now();

IpAddress address(std::string_view text) {
    return *IpAddress::parse(text);
}

}  // namespace

TEST_CASE("an address that was wrong too often is not looked at until time has passed") {
    FailureLimiter limiter{{.per_second = 10, .burst = 5}};
    for (int i = 0; i < 5; ++i) {
        CHECK(limiter.may_try(address("192.0.2.1"), source, start));
        limiter.failed(address("192.0.2.1"), source, start);
    }
    CHECK_FALSE(limiter.may_try(address("192.0.2.1"), source, start));
    CHECK_FALSE(limiter.may_try(address("192.0.2.1"), source, start - 1s));
    CHECK(limiter.may_try(address("192.0.2.1"), source, start + 110ms));
    limiter.failed(address("192.0.2.1"), source, start + 110ms);
    CHECK_FALSE(limiter.may_try(address("192.0.2.1"), source, start + 120ms));
    CHECK(limiter.may_try(address("192.0.2.1"), source, start + 10s));
}

TEST_CASE("what one address is wrong about is nobody else's fault") {
    FailureLimiter limiter{{.per_second = 1, .burst = 1}};
    limiter.failed(address("192.0.2.1"), source, start);
    CHECK_FALSE(limiter.may_try(address("192.0.2.1"), source, start));
    CHECK(limiter.may_try(address("192.0.2.2"), source, start));
    CHECK(limiter.may_try(address("192.0.2.1"), tollgate::make_uuid_v4(), start));
}

TEST_CASE("an IPv6 network is one sender") {
    FailureLimiter limiter{{.per_second = 1, .burst = 1}};
    limiter.failed(address("2001:db8:1:2::1"), source, start);
    CHECK_FALSE(limiter.may_try(address("2001:db8:1:2:ffff::9"), source, start));
    CHECK(limiter.may_try(address("2001:db8:1:3::1"), source, start));
}

TEST_CASE("only so many are remembered, and those who failed last") {
    FailureLimiter limiter{{.per_second = 1, .burst = 1, .remembered_max = 3}};
    for (const char* const one : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1", "192.0.2.4"})
        limiter.failed(address(one), source, start);
    CHECK_FALSE(limiter.may_try(address("192.0.2.1"), source, start));
    CHECK(limiter.may_try(address("192.0.2.2"), source, start));
    CHECK_FALSE(limiter.may_try(address("192.0.2.3"), source, start));
    CHECK_FALSE(limiter.may_try(address("192.0.2.4"), source, start));
}
