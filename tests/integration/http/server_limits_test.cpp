#include <list>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::http::Method;
using tollgate::http::plain;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using tollgate::http::ServerLimits;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

// Sends a byte at a time, with a pause, until the server says something or has taken them all.
std::string drip(RawConnection& peer, std::string_view bytes) {
    for (const char c : bytes) {
        if (!peer.try_send({&c, 1}) || peer.readable(10ms)) break;
    }
    return peer.read_to_end();
}

}  // namespace

TEST_CASE("a header beyond its limit is 431") {
    const Server server = start(echo_router(), {.limits = {.header_bytes_max = 2048}});
    const std::string fits = get("/hello", "X: " + std::string(1900, 'x') + "\r\n");
    const std::string single = get("/hello", "X: " + std::string(2100, 'x') + "\r\n");
    std::string many = "GET /hello HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 100'000; ++i) many += "X: y\r\n";
    const std::string line = "GET /" + std::string(100'000, 'x');

    RawConnection good{server.port()};
    good.send(fits);
    CHECK(status_of(good.read_message()) == 200);
    for (const std::string& request : {single, many, line}) {
        RawConnection peer{server.port()};
        peer.try_send(request);
        CHECK(status_of(peer.read_to_end()) == 431);
    }
}

TEST_CASE("the header limit holds also when the header comes in pieces") {
    const Server server = start(echo_router(), {.limits = {.header_bytes_max = 2048}});
    RawConnection peer{server.port()};
    peer.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
    const std::string field = "X: " + std::string(200, 'x') + "\r\n";
    for (int i = 0; i < 50; ++i) {
        if (!peer.try_send(field) || peer.readable(5ms)) break;
    }
    CHECK(status_of(peer.read_to_end()) == 431);
}

TEST_CASE("the header limit is on the sum of request line and headers") {
    const Server server = start(echo_router(), {.limits = {.header_bytes_max = 2048}});
    RawConnection peer{server.port()};
    peer.send("GET /" + filler(1400) + " HTTP/1.1\r\nHost: x\r\n");
    CHECK_FALSE(peer.readable(50ms));
    peer.send("X: " + filler(1400) + "\r\n\r\n");
    CHECK(status_of(peer.read_to_end()) == 431);
}

TEST_CASE("a body beyond its limit is 413 before it is read") {
    const Server server = start(echo_router(), {.limits = {.body_bytes_max = 1000}});
    RawConnection good{server.port()};
    good.send(post(std::string(1000, 'x')));
    CHECK(status_of(good.read_message()) == 200);
    RawConnection announced{server.port()};
    announced.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    CHECK(status_of(announced.read_to_end()) == 413);
    RawConnection chunked{server.port()};
    chunked.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                 std::string(1000, 'x') + "\r\n1\r\nx\r\n");
    CHECK(status_of(chunked.read_to_end()) == 413);
}

TEST_CASE("the refusal of a body that is still being sent does not break the sending") {
    const Server server = start(echo_router(), {.limits = {.body_bytes_max = 1000}});
    RawConnection peer{server.port()};
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\nthe beginning");
    REQUIRE(peer.readable(10s));
    // Each throws if the connection was reset by then, as one that is closed with bytes unread is.
    for (int i = 0; i < 4; ++i) peer.send(filler(100'000));
    CHECK(status_of(peer.read_message()) == 413);
}

TEST_CASE("a route may have a body limit of its own") {
    Router router = echo_router();
    router.add(Method::post, "/large",
               [](Request request) -> awaitable<Response> {
                   co_return tollgate::http::plain(200, std::to_string(request.body.size()));
               },
               {.body_bytes_max = 100'000});
    const Server server = start(std::move(router), {.limits = {.body_bytes_max = 1000}});
    RawConnection peer{server.port()};
    peer.send(post(std::string(100'000, 'x'), "/large"));
    CHECK(body_of(peer.read_message()) == "100000");
    peer.send(post(std::string(100'001, 'x'), "/large"));
    CHECK(status_of(peer.read_message()) == 413);
}

TEST_CASE("chunks that are all head are refused") {
    const Server server = start(echo_router(), {.limits = {.header_bytes_max = 4096}});
    RawConnection peer{server.port()};
    peer.try_send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                  std::string(10'000, 'x'));
    CHECK(status_of(peer.read_to_end()) == 431);
}

TEST_CASE("a header that drips in is cut off at its deadline however steady the drops") {
    const Server server = start(echo_router(), {.limits = {.header_timeout = 300ms}});
    RawConnection peer{server.port()};
    const auto begun = std::chrono::steady_clock::now();
    CHECK(status_of(drip(peer, get("/hello", "X: " + std::string(2000, 'x') + "\r\n"))) == 408);
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a body that drips in is cut off at its deadline however steady the drops") {
    const Server server = start(echo_router(), {.limits = {.body_timeout = 300ms}});
    const auto chunked = GENERATE(false, true);
    RawConnection peer{server.port()};
    peer.send(chunked ? "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n"
                      : "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n");
    CHECK(status_of(drip(peer, std::string(2000, 'x'))) == 408);
}

TEST_CASE("who connects and says nothing is closed without an answer") {
    const Server server = start(echo_router(), {.limits = {.header_timeout = 200ms, .idle_timeout = 60s}});
    RawConnection peer{server.port()};
    CHECK(peer.read_to_end().empty());
}

TEST_CASE("an idle connection is closed without an answer") {
    const Server server = start(echo_router(), {.limits = {.header_timeout = 60s, .idle_timeout = 200ms}});
    RawConnection peer{server.port()};
    peer.send(get());
    CHECK(status_of(peer.read_message()) == 200);
    CHECK(peer.read_to_end().empty());
    CHECK(wait_until([&] { return server.connections() == 0; }));
}

TEST_CASE("a slow handler is no idle connection") {
    Gate gate;
    Router router;
    router.add(Method::get, "/slow", [&](Request request) { return gate.wait(std::move(request)); });
    const ServerLimits hasty{
        .header_timeout = 100ms, .body_timeout = 100ms, .idle_timeout = 100ms, .write_timeout = 100ms};
    const Server server = start(std::move(router), {.limits = hasty});
    RawConnection peer{server.port()};
    peer.send(get("/slow"));
    REQUIRE(gate.holds(1));
    CHECK_FALSE(peer.readable(500ms));
    gate.open(200);
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("a peer that does not read its answer is cut off") {
    Router router;
    router.add(Method::get, "/large", [](Request) -> awaitable<Response> {
        co_return tollgate::http::plain(200, filler(64'000'000));
    });
    const Server server = start(std::move(router), {.limits = {.write_timeout = 300ms}});
    RawConnection peer{server.port()};
    peer.send(get("/large"));
    CHECK(peer.readable(10s));
    CHECK(wait_until([&] { return server.connections() == 0; }));
}

TEST_CASE("connections beyond the limit are told so and those within it go on") {
    const Server server = start(echo_router(), {.threads = 2, .limits = {.connections_max = 20}});
    std::list<RawConnection> within;
    for (int i = 0; i < 20; ++i) {
        within.emplace_back(server.port()).send(get());
        CHECK(status_of(within.back().read_message()) == 200);
        // Idle, it would make way.
        within.back().send("GET /hello HTTP/1.1\r\n");
    }
    REQUIRE(wait_until([&] { return server.idle_connections() == 0; }));
    for (int i = 0; i < 50; ++i) {
        RawConnection beyond{server.port()};
        const std::string answer = beyond.read_to_end();
        // One in a crowd may be closed without a word: the answers are limited too.
        CHECK((answer.empty() || status_of(answer) == 503));
        if (i == 0) CHECK(has_header(answer, "Retry-After: 5"));
    }
    for (RawConnection& peer : within) {
        peer.send("Host: x\r\n\r\n");
        CHECK(status_of(peer.read_message()) == 200);
    }
    within.clear();
    CHECK(wait_until([&] { return server.connections() == 0; }));
    RawConnection again{server.port()};
    again.send(get());
    CHECK(status_of(again.read_message()) == 200);
}

TEST_CASE("requests in flight beyond the limit are answered 503 at once") {
    Gate gate;
    Router router;
    router.add(Method::get, "/wait", [&](Request request) { return gate.wait(std::move(request)); });
    const Server server = start(std::move(router), {.limits = {.requests_in_flight_max = 2}});
    std::list<RawConnection> peers;
    for (int i = 0; i < 2; ++i) peers.emplace_back(server.port()).send(get("/wait"));
    REQUIRE(gate.holds(2));
    CHECK(server.requests_in_flight() == 2);
    RawConnection third{server.port()};
    third.send(get("/wait"));
    const std::string refused = third.read_message();
    CHECK(status_of(refused) == 503);
    CHECK(has_header(refused, "Retry-After: 5"));
    CHECK_FALSE(has_header(refused, "Connection: close"));
    gate.open(204);
    for (RawConnection& peer : peers) CHECK(status_of(peer.read_message(true)) == 204);
    CHECK(wait_until([&] { return server.requests_in_flight() == 0; }));
}

TEST_CASE("a route may look at the head before the body is read") {
    Router router;
    router.add(Method::post, "/in/{who}",
               [](Request request) -> awaitable<Response> { co_return plain(200, request.body); },
               {.admit = [](const Request& head) -> std::expected<std::uint64_t, Response> {
                   if (head.parameter("who") == "nobody") return std::unexpected{plain(418, {})};
                   return head.headers.contains("X-Large") ? 100 : 10;
               }});
    const Server server = start(std::move(router));
    const auto status = [&](std::string_view path, std::size_t size, std::string_view more = {}) {
        RawConnection peer{server.port()};
        peer.send(post(filler(size), path, more));
        return status_of(peer.read_message());
    };
    CHECK(status("/in/a", 10) == 200);
    CHECK(status("/in/a", 11) == 413);
    CHECK(status("/in/a", 100, "X-Large: y\r\n") == 200);
    CHECK(status("/in/a", 101, "X-Large: y\r\n") == 413);
    // Without a byte of its body.
    RawConnection peer{server.port()};
    peer.send("POST /in/nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    CHECK(status_of(peer.read_message()) == 418);
}

TEST_CASE("all bodies together have a limit, and it is free again when they are answered") {
    Gate gate;
    Router router;
    router.add(Method::post, "/wait", [&](Request request) { return gate.wait(std::move(request)); });
    const Server server = start(std::move(router), {.limits = {.bodies_bytes_max = 1000}});
    const std::string chunked =
        "POST /wait HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n" + filler(600) +
        "\r\n0\r\n\r\n";
    const std::string sized = post(filler(600), "/wait");
    for (const auto& [first, second] :
         {std::pair{sized, chunked}, std::pair{chunked, sized}, std::pair{sized, sized}}) {
        RawConnection waiting{server.port()};
        waiting.send(first);
        REQUIRE(gate.holds(1));
        RawConnection refused{server.port()};
        refused.send(second);
        const std::string answer = refused.read_to_end();
        CHECK(status_of(answer) == 503);
        CHECK(answer.find("Retry-After: ") != std::string::npos);
        gate.open(200);
        CHECK(status_of(waiting.read_message()) == 200);
    }
}
