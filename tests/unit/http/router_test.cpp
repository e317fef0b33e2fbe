#include "http/router.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

using tollgate::http::Handler;
using tollgate::http::Method;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;

namespace {

// Never called: what is found is told by its pattern.
const Handler nothing = [](Request) -> boost::asio::awaitable<Response> { co_return Response{}; };

std::string found(const Router& router, Method method, std::string_view path) {
    const auto match = router.find(method, path);
    if (!match) return std::to_string(match.error().status);
    std::string text = match->route->pattern;
    for (const auto& parameter : match->parameters) {
        text += " " + std::string{parameter.name} + "=" + parameter.value;
    }
    return text;
}

}  // namespace

TEST_CASE("a route is found by method and path and names its parameters") {
    Router router;
    router.add(Method::post, "/v1/in/{tenant}/{source}", nothing);
    router.add(Method::get, "/", nothing);
    CHECK(found(router, Method::post, "/v1/in/acme/stripe") ==
          "/v1/in/{tenant}/{source} tenant=acme source=stripe");
    CHECK(found(router, Method::get, "/") == "/");
    CHECK(found(router, Method::post, "/v1/in/acme") == "404");
    CHECK(found(router, Method::post, "/v1/in/acme/stripe/x") == "404");
    CHECK(found(router, Method::post, "/v1/in//stripe") == "404");
    CHECK(found(router, Method::post, "/V1/in/acme/stripe") == "404");
}

TEST_CASE("a trailing slash counts as it was registered") {
    Router router;
    router.add(Method::post, "/webhooks/billing/stripe/", nothing);
    router.add(Method::post, "/webhooks/stripe", nothing);
    CHECK(found(router, Method::post, "/webhooks/billing/stripe/") == "/webhooks/billing/stripe/");
    CHECK(found(router, Method::post, "/webhooks/billing/stripe") == "404");
    CHECK(found(router, Method::post, "/webhooks/stripe/") == "404");
}

TEST_CASE("a literal goes before a parameter whatever the order of adding") {
    Router router;
    router.add(Method::get, "/{tenant}/b", nothing);
    router.add(Method::get, "/a/{source}", nothing);
    router.add(Method::get, "/a/b", nothing);
    CHECK(found(router, Method::get, "/a/b") == "/a/b");
    CHECK(found(router, Method::get, "/a/c") == "/a/{source} source=c");
    CHECK(found(router, Method::get, "/x/b") == "/{tenant}/b tenant=x");
}

TEST_CASE("a path with other methods is 405 and says which") {
    Router router;
    router.add(Method::post, "/events", nothing);
    router.add(Method::get, "/events", nothing);
    const auto match = router.find(Method::del, "/events");
    REQUIRE_FALSE(match);
    CHECK(match.error().status == 405);
    CHECK(match.error().headers.get("Allow") == "GET, HEAD, POST");
}

TEST_CASE("HEAD finds what GET would") {
    Router router;
    router.add(Method::get, "/events", nothing);
    router.add(Method::post, "/in", nothing);
    CHECK(found(router, Method::head, "/events") == "/events");
    CHECK(found(router, Method::head, "/in") == "405");
}

TEST_CASE("parameters are decoded after the path is split") {
    Router router;
    router.add(Method::get, "/in/{source}", nothing);
    CHECK(found(router, Method::get, "/in/a%20b%2Fc%C3%A9") == "/in/{source} source=a b/c\xC3\xA9");
    CHECK(found(router, Method::get, "/%69n/x") == "/in/{source} source=x");
    CHECK(found(router, Method::get, "/in/a+b") == "/in/{source} source=a+b");
}

TEST_CASE("a path that cannot be decoded safely is 400") {
    Router router;
    router.add(Method::get, "/in/{source}", nothing);
    for (const char* path : {"/in/%", "/in/%4", "/in/%zz", "/in/%00", "/in/a%00b", "/in/a%0Ab", "/in/a\tb",
                             "/in/%7f", "in/x", "*", ""}) {
        INFO(path);
        CHECK(found(router, Method::get, path) == "400");
    }
}

TEST_CASE("routes that cannot be told apart or are malformed are bugs") {
    Router router;
    router.add(Method::get, "/in/{tenant}", nothing);
    CHECK_THROWS_AS(router.add(Method::get, "/in/{source}", nothing), std::invalid_argument);
    CHECK_NOTHROW(router.add(Method::post, "/in/{source}", nothing));
    for (const char* pattern : {"", "in", "/a{b}", "/{}", "/{a", "/a b", "/a?b", "/%41"}) {
        INFO(pattern);
        CHECK_THROWS_AS(router.add(Method::get, pattern, nothing), std::invalid_argument);
    }
}

TEST_CASE("a request gives its path and query and parameters") {
    Request request;
    request.target = "/in/x?mode=live&name=a+b%21&mode=test&flag&bad=%zz";
    request.route = "/in/{source}";
    request.parameters = {{"source", "x"}};
    CHECK(request.path() == "/in/x");
    CHECK(request.raw_query() == "mode=live&name=a+b%21&mode=test&flag&bad=%zz");
    CHECK(request.query("mode") == "live");
    CHECK(request.query("name") == "a b!");
    CHECK(request.query("flag") == "");
    CHECK(request.query("bad") == "%zz");
    CHECK(request.query("none") == std::nullopt);
    CHECK(request.parameter("source") == "x");
    CHECK_THROWS_AS(request.parameter("tenant"), std::invalid_argument);
}
