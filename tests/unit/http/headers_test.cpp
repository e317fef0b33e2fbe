#include "http/headers.hpp"

#include <catch2/catch.hpp>

using tollgate::http::HeaderField;
using tollgate::http::Headers;
using tollgate::http::is_sendable;

TEST_CASE("headers are found whatever the case of their names") {
    const Headers headers{{"Stripe-Signature", "t=1"}, {"content-type", "application/json"}};
    CHECK(headers.get("stripe-signature") == "t=1");
    CHECK(headers.get("CONTENT-TYPE") == "application/json");
    CHECK(headers.get("content") == std::nullopt);
    CHECK_FALSE(headers.contains("Content-Types"));
}

TEST_CASE("headers keep their order and their duplicates") {
    Headers headers{{"X-A", "1"}, {"X-B", "2"}, {"x-a", "3"}};
    headers.add("X-A", "");
    CHECK(headers.all("X-A") == std::vector<std::string_view>{"1", "3", ""});
    std::string names;
    for (const HeaderField field : headers) names += field.name;
    CHECK(names == "X-AX-Bx-aX-A");
}

TEST_CASE("a header that is set replaces all of its name") {
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    headers.set("A", "4");
    CHECK(headers.size() == 2);
    CHECK(headers.all("A") == std::vector<std::string_view>{"4"});
    headers.set("B", *headers.get("A"));
    CHECK(headers.get("B") == "4");
    headers.remove("b");
    CHECK_FALSE(headers.contains("B"));
}

TEST_CASE("headers survive being copied and moved") {
    Headers headers{{"A", "1"}};
    const Headers copy = headers;
    const Headers moved = std::move(headers);
    CHECK(copy.get("a") == "1");
    CHECK(moved.get("a") == "1");
}

TEST_CASE("a field that could smuggle in another is not sent") {
    CHECK(is_sendable({"X-Ok", "any text \t here"}));
    CHECK(is_sendable({"X-Empty", ""}));
    CHECK_FALSE(is_sendable({"", "value"}));
    CHECK_FALSE(is_sendable({"X Space", "value"}));
    CHECK_FALSE(is_sendable({"X:", "value"}));
    CHECK_FALSE(is_sendable({"X-Line", "a\r\nX-Admin: yes"}));
    CHECK_FALSE(is_sendable({"X-Line", "a\nb"}));
    CHECK_FALSE(is_sendable({"X-Nul", std::string_view{"a\0b", 3}}));
}
