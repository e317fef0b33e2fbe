#include "http/client_address.hpp"

#include <catch2/catch.hpp>

using tollgate::http::Headers;
using tollgate::http::IpAddress;
using tollgate::http::TrustedProxies;

namespace {

std::string client(std::string_view trusted, std::string_view peer, const Headers& headers) {
    return TrustedProxies::parse(trusted)->client_of(*IpAddress::parse(peer), headers).text();
}

}  // namespace

TEST_CASE("without trusted proxies the peer is the client, whatever it says") {
    CHECK(client("", "192.0.2.1", {{"X-Forwarded-For", "198.51.100.1"}}) == "192.0.2.1");
    CHECK(client("10.0.0.0/8", "192.0.2.1", {{"X-Forwarded-For", "198.51.100.1"}}) == "192.0.2.1");
}

TEST_CASE("the client is the last address that no trusted proxy has") {
    const auto from = [](std::string_view forwarded) {
        return client("10.0.0.0/8, 2001:db8::/32", "10.0.0.1", {{"X-Forwarded-For", forwarded}});
    };
    CHECK(from("198.51.100.1") == "198.51.100.1");
    CHECK(from("198.51.100.1, 10.2.3.4") == "198.51.100.1");
    CHECK(from(" 6.6.6.6 ,198.51.100.1\t, 2001:db8::9") == "198.51.100.1");
    // All of them ours: the first is as far as it goes.
    CHECK(from("10.9.9.9, 10.2.3.4") == "10.9.9.9");
    CHECK(from("::ffff:198.51.100.1") == "198.51.100.1");
    CHECK(from("6.6.6.6, unknown, 10.2.3.4") == "10.2.3.4");
    CHECK(from("") == "10.0.0.1");
    CHECK(client("10.0.0.0/8", "::ffff:10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}) == "198.51.100.1");
}

TEST_CASE("several fields are one list") {
    CHECK(client("10.0.0.0/8", "10.0.0.1",
                 {{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "198.51.100.1, 10.0.0.7"}}) ==
          "198.51.100.1");
    CHECK(client("10.0.0.0/8", "10.0.0.1",
                 {{"X-Forwarded-For", "198.51.100.1"}, {"x-forwarded-for", "10.0.0.7"}}) == "198.51.100.1");
}

TEST_CASE("a list of proxies that cannot be read is refused") {
    for (const char* const list : {"10.0.0.0/33", "proxy", "10.0.0.1,", ",", "10.0.0.1 10.0.0.2"}) {
        CAPTURE(list);
        CHECK_FALSE(TrustedProxies::parse(list).has_value());
    }
    CHECK(TrustedProxies::parse("  ").has_value());
}
