#include "kafka/record.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace tollgate::kafka;
using namespace std::string_view_literals;

TEST_CASE("headers keep their order and their repeated names and any bytes") {
    const std::vector<Header> headers{
        {"ce_id", "one"}, {"trace", "\0\xff\n"sv}, {"ce_id", "two"}, {"empty", ""}, {"ce_id", "one"}};
    const NativeHeaders native = to_native(headers);
    CHECK(views_of(*native) == headers);
}

TEST_CASE("no headers are no headers") {
    CHECK(views_of(*to_native({})).empty());
}

TEST_CASE("a header's bytes are copied and do not depend on the caller's") {
    std::string value = "before";
    const NativeHeaders native = to_native({{"name", value}});
    value = "after!";
    CHECK(views_of(*native) == std::vector<Header>{{"name", "before"}});
}

TEST_CASE("a partition is named as people name it") {
    CHECK(TopicPartition{"tollgate.raw", 3}.text() == "tollgate.raw[3]");
}
