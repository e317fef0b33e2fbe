#include "consumer/lone_failures.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::consumer;

TEST_CASE("what fails alone is counted by itself, beside what was done since the first time") {
    LoneFailures failures;
    const Uuid slow = make_uuid_v7();
    const Uuid other = make_uuid_v7();
    const auto first = failures.failed(slow, 7);
    CHECK(first.times == 1);
    CHECK_FALSE(first.others_were_done);
    CHECK_FALSE(first.is_slow(ErrorCode::timed_out));
    const auto second = failures.failed(slow, 7);
    CHECK(second.times == 2);
    CHECK_FALSE(second.others_were_done);
    CHECK(second.is_slow(ErrorCode::timed_out));
    CHECK_FALSE(second.is_slow(ErrorCode::unavailable));
    CHECK(failures.failed(other, 8).times == 1);
    CHECK(failures.failed(slow, 8).others_were_done);
    failures.forget(slow);
    const auto again = failures.failed(slow, 8);
    CHECK(again.times == 1);
    CHECK_FALSE(again.others_were_done);
}
