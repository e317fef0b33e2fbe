#include "http/destination.hpp"

#include <catch2/catch.hpp>

using tollgate::ErrorCode;
using tollgate::http::Destination;

TEST_CASE("a URL is taken apart into what is connected to and what is sent") {
    const auto full = Destination::parse("https://api.example.com:8443/v1/hook?x=1#part");
    REQUIRE(full);
    CHECK(full->tls);
    CHECK(full->host == "api.example.com");
    CHECK(full->port == 8443);
    CHECK(full->authority == "api.example.com:8443");
    CHECK(full->target == "/v1/hook?x=1");

    const auto bare = Destination::parse("http://example.com?q");
    REQUIRE(bare);
    CHECK_FALSE(bare->tls);
    CHECK(bare->port == 80);
    CHECK(bare->target == "/?q");
}

TEST_CASE("an IPv6 host loses its brackets for connecting and keeps them for the header") {
    const auto destination = Destination::parse("https://[2001:db8::1]:444/");
    REQUIRE(destination);
    CHECK(destination->host == "2001:db8::1");
    CHECK(destination->authority == "[2001:db8::1]:444");
    CHECK(destination->port == 444);
}

TEST_CASE("a URL that is not for us is invalid and never repeated") {
    for (const char* url :
         {"", "example.com", "/path", "ftp://example.com/", "file:///etc/passwd",
          "https://user:secret@example.com/", "https://@example.com/", "https://", "https:///secret",
          "https://exa%0d%0aX-Admin:1mple.com/secret", "https://example.com:0/", "https://example.com:99999/",
          "https://example.com/se cret", "https://m\xC3\xBCnzen.de/", "https://[v1.a]/",
          "https://exam,ple.com/", "https://example.com/\r\nX: y"}) {
        INFO(url);
        const auto destination = Destination::parse(url);
        REQUIRE_FALSE(destination);
        CHECK(destination.error().code == ErrorCode::invalid);
        CHECK(destination.error().detail.find("cret") == std::string::npos);
    }
}
