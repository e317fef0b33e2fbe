#include "relay/record_table.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using relay::first_run;

namespace {

std::vector<journal::Entry> entries(const std::vector<std::string>& topics) {
    std::vector<journal::Entry> made;
    for (const std::string& topic : topics) {
        journal::Entry entry;
        entry.topic = topic;
        made.push_back(std::move(entry));
    }
    return made;
}

}  // namespace

TEST_CASE("entries of one topic that follow each other are read together") {
    const auto some = entries({"raw", "raw", "payment", "raw"});
    const auto run = first_run(some);
    REQUIRE(run.has_value());
    CHECK(run->entries.size() == 2);
    CHECK(run->read != nullptr);
}

TEST_CASE("an unknown topic is waited for and named") {
    const auto some = entries({"weather", "raw"});
    const auto run = first_run(some);
    REQUIRE_FALSE(run.has_value());
    CHECK(run.error().code == ErrorCode::misconfigured);
    CHECK_THAT(run.error().detail, Catch::Contains("\"weather\""));
}
