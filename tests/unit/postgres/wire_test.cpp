#include "postgres/wire.hpp"

#include <catch2/catch.hpp>

#include "postgres/error.hpp"
#include "postgres/migrate.hpp"

using namespace tollgate;
using namespace tollgate::postgres;

namespace {

std::string bytes_of(const Param& param) {
    return {param.data(), static_cast<std::size_t>(param.size())};
}

}  // namespace

TEST_CASE("integers are written big endian and read back with their sign") {
    CHECK(bytes_of(Param{std::int32_t{1}}) == std::string("\0\0\0\1", 4));
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{4711}, INT64_MIN, INT64_MAX}) {
        CHECK(read_value<std::int64_t>(Wire<std::int64_t>::type, bytes_of(Param{value})) == value);
    }
    CHECK(read_value<std::int64_t>(Wire<std::int32_t>::type, bytes_of(Param{std::int32_t{-7}})) == -7);
}

TEST_CASE("a null parameter has a type and no bytes") {
    const Param param{std::optional<std::int64_t>{}};
    CHECK(param.type() == Wire<std::int64_t>::type);
    CHECK(param.data() == nullptr);
}

TEST_CASE("an empty string is not a null") {
    CHECK(Param{std::string{}}.data() != nullptr);
}

TEST_CASE("a column read as another type is a bug that says so") {
    CHECK_THROWS_WITH(read_value<Uuid>(Wire<std::string_view>::type, "x"), Catch::Contains("read as a uuid"));
}

TEST_CASE("SQLSTATEs have the kind that the runtime acts on") {
    CHECK(classify("22001", "") == ErrorCode::bad_data);
    CHECK(classify("23505", "payment_pkey") == ErrorCode::bad_data);
    CHECK(classify("23514", "amount_positive") == ErrorCode::bad_data);
    // A row that no partition takes is repeated until the partition is there.
    CHECK(classify("23514", "") == ErrorCode::unavailable);
    CHECK(classify("40P01", "") == ErrorCode::contended);
    CHECK(classify("40001", "") == ErrorCode::contended);
    CHECK(classify("55P03", "") == ErrorCode::contended);
    CHECK(classify("57014", "") == ErrorCode::timed_out);
    CHECK(classify("57P01", "") == ErrorCode::unavailable);
    CHECK(classify("53100", "") == ErrorCode::unavailable);
    CHECK(classify("25006", "") == ErrorCode::unavailable);
    CHECK(classify("42501", "") == ErrorCode::misconfigured);
    CHECK(classify("42601", "") == ErrorCode::internal);
}

TEST_CASE("schemas are ordered so that each comes after those it needs") {
    static constexpr std::string_view needs_a[] = {"a"};
    static constexpr std::string_view needs_ab[] = {"a", "b"};
    const Schema a{.name = "a", .needs = {}, .migrations = {}};
    const Schema b{.name = "b", .needs = needs_a, .migrations = {}};
    const Schema c{.name = "c", .needs = needs_ab, .migrations = {}};
    const Schema* const unordered[] = {&c, &b, &a};
    CHECK(in_order_of_need(unordered) == std::vector{&a, &b, &c});

    const Schema* const without_a[] = {&c, &b};
    CHECK_THROWS_AS(in_order_of_need(without_a), std::logic_error);
}
