#include "http/percent.hpp"

#include <catch2/catch.hpp>

using tollgate::http::form_pairs;
using tollgate::http::form_value;
using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("a form's pairs come decoded, in order and with repeats") {
    CHECK(form_pairs("id=1&payload[a]=x%20y&payload%5Ba%5D=x+y&id=2") ==
          Pairs{{"id", "1"}, {"payload[a]", "x y"}, {"payload[a]", "x y"}, {"id", "2"}});
    CHECK(form_pairs("").empty());
    CHECK(form_pairs("a") == Pairs{{"a", ""}});
    CHECK(form_pairs("a=&=b&&c=d=e&") == Pairs{{"a", ""}, {"", "b"}, {"", ""}, {"c", "d=e"}});
    CHECK(form_pairs("a=100%&b=%zz&c=%4") == Pairs{{"a", "100%"}, {"b", "%zz"}, {"c", "%4"}});
}

TEST_CASE("a form's value is the first of its name") {
    CHECK(form_value("a=1&b=2&a=3", "a") == "1");
    CHECK(form_value("a&b=2", "a") == "");
    CHECK(form_value("a=1=2", "a") == "1=2");
    CHECK(form_value("%61=1", "a") == "1");
    CHECK_FALSE(form_value("a=1", "b"));
    CHECK_FALSE(form_value("", ""));
}
