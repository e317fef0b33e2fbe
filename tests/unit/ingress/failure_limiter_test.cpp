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

TEST_CASE("where a source's sender was verified lately, failures of others do not shut it out") {
    FailureLimiter limiter{{.per_second = 10, .burst = 5, .known_factor = 4, .known_for = 60min}};
    const IpAddress shared = address("192.0.2.1");
    limiter.verified(shared, source, start);
    const auto let_through = [&](const Uuid& of, FailureLimiter::TimePoint now) {
        int count = 0;
        for (; limiter.may_try(shared, of, now) && count < 1000; ++count) limiter.failed(shared, of, now);
        return count;
    };
    CHECK(let_through(source, start + 1s) == 20);
    // It is forgiven as much faster.
    CHECK(let_through(source, start + 1s + 260ms) == 10);
    // Of another source nobody was verified, nor from another address.
    CHECK(let_through(tollgate::make_uuid_v4(), start + 1s) == 5);
    for (int i = 0; i < 5; ++i) limiter.failed(address("192.0.2.2"), source, start);
    CHECK_FALSE(limiter.may_try(address("192.0.2.2"), source, start));
    // It was long ago.
    CHECK(let_through(source, start + 62min) == 5);
}

TEST_CASE("a known sender is known for its time, and no other one for it") {
    tollgate::ingress::KnownSenders known{30min};
    const std::uint64_t sender = 0x1234'5678'9ABC'DEF0;
    CHECK_FALSE(known.knows(sender, start));
    known.note(sender, start);
    CHECK(known.knows(sender, start));
    CHECK(known.knows(sender, start + 30min));
    CHECK_FALSE(known.knows(sender, start + 31min));
    CHECK_FALSE(known.knows(sender + 1, start));
    CHECK_FALSE(known.knows(sender ^ (std::uint64_t{1} << 40U), start));
    known.note(sender, start + 40min);
    CHECK(known.knows(sender, start + 60min));
    // The newer one takes its place.
    known.note(sender ^ (std::uint64_t{1} << 40U), start + 40min);
    CHECK_FALSE(known.knows(sender, start + 40min));
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
