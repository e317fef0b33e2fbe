#include "load/report.hpp"

#include <catch2/catch.hpp>

using namespace tollgate::load;

namespace {

const Figures figures{
    {.name = "commit", .value = 2.5, .unit = "ms", .better = Better::lower, .baseline = 4.5, .goal = 2.0},
    {.name = "events", .value = 64, .unit = "1/s", .better = Better::higher, .baseline = {}, .goal = 50},
    {.name = "bytes", .value = 1, .unit = "B", .better = Better::lower, .baseline = {}, .goal = {}},
};

}  // namespace

TEST_CASE("the table shows a figure that is short of its goal as such") {
    CHECK(to_table(figures) ==
          "figure       value    baseline        goal  unit      met\n"
          "commit         2.5         4.5           2  ms        SHORT\n"
          "events          64           -          50  1/s       yes\n"
          "bytes            1           -           -  B         -\n");
}

TEST_CASE("the JSON has null where there is no baseline or goal") {
    CHECK(to_json(figures) ==
          R"({"figures":[)"
          R"({"name":"commit","value":2.5E0,"unit":"ms","baseline":4.5E0,"goal":2E0,"met":false},)"
          R"({"name":"events","value":6.4E1,"unit":"1/s","baseline":null,"goal":5E1,"met":true},)"
          R"({"name":"bytes","value":1E0,"unit":"B","baseline":null,"goal":null,"met":null}]})");
}
