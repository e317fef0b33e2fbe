#include "providers/signed_time.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::providers;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a signed time is digits alone, up to the year 9999") {
    CHECK(read_unix_seconds("0") == Timestamp{});
    CHECK(read_unix_seconds("1764072000") == Timestamp{seconds{1'764'072'000}});
    CHECK(read_unix_seconds("0001764072000") == Timestamp{seconds{1'764'072'000}});
    CHECK(read_unix_seconds("253402300799") == Timestamp{seconds{253'402'300'799}});
    CHECK_FALSE(read_unix_seconds("253402300800"));
    CHECK(read_unix_milliseconds("1764072000123") == Timestamp{milliseconds{1'764'072'000'123}});
    CHECK(read_unix_milliseconds("253402300799999") == Timestamp{milliseconds{253'402'300'799'999}});
    CHECK_FALSE(read_unix_milliseconds("253402300800000"));
    for (const std::string_view text : {"", " 1", "1 ", "-1", "+1", "1.0", "0x1", "1e9", "\xd9\xa1",
                                        "9999999999999999", "99999999999999999999999999"}) {
        INFO(text);
        CHECK_FALSE(read_unix_seconds(text));
        CHECK_FALSE(read_unix_milliseconds(text));
    }
}

TEST_CASE("a time in a body may be of any of the usual forms") {
    CHECK(read_time("99999999999") == Timestamp{seconds{99'999'999'999}});
    CHECK(read_time("100000000000") == Timestamp{milliseconds{100'000'000'000}});
    CHECK(read_time("1970-01-01T00:00:01Z") == Timestamp{seconds{1}});
    CHECK_FALSE(read_time(""));
    CHECK_FALSE(read_time("soon"));
}
