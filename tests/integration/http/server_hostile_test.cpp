#include <thread>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "http/completion.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::Result;
using tollgate::http::completed_by;
using tollgate::http::Completion;
using tollgate::http::Method;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

constexpr std::string_view chunked_head =
    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

// A byte in each segment, so that the parser sees every incomplete form of it.
void trickle(RawConnection& peer, std::string_view bytes) {
    for (const char c : bytes) peer.send_apart({&c, 1});
}

}  // namespace

TEST_CASE("a head that fills its limit to the last byte without an end is refused at once") {
    const Server server = start(echo_router(), {.limits = {.header_bytes_max = 8192}});
    RawConnection peer{server.port()};
    peer.send("GET /" + filler(8192 - 5));
    REQUIRE(peer.readable(2s));
    CHECK(status_of(peer.read_to_end()) == 431);
}

TEST_CASE("a head that ends with the last byte of its limit is served") {
    const Server server = start(echo_router(), {.limits = {.header_bytes_max = 8192}});
    const std::size_t rest = get("/hello", "X: \r\n").size();
    RawConnection peer{server.port()};
    peer.send(get("/hello", "X: " + filler(8192 - rest) + "\r\n"));
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("a chunked body may come byte by byte to its very end") {
    const Server server = start(echo_router());
    const auto [body, expected] =
        GENERATE(table<const char*, const char*>({{"0\r\n\r\n", ""},
                                                  {"3\r\nabc\r\n0\r\n\r\n", "abc"},
                                                  {"2;a=\"b\"\r\nhi\r\n00\r\nX: 1\r\n\r\n", "hi"}}));
    RawConnection peer{server.port()};
    peer.send(chunked_head);
    trickle(peer, body);
    const std::string answer = peer.read_message();
    CHECK(status_of(answer) == 200);
    CHECK(body_of(answer) == expected);
    peer.send(get());
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("a chunk extension that another parser would end at a bare line feed is refused") {
    const Server server = start(echo_router());
    const auto extension =
        GENERATE("2;a=\"\nx\"\r\nhi\r\n0\r\n\r\n", "2\r\nhi\r\n0;a=\"\n\"\r\n\r\n",
                 "2;a=\"\rx\"\r\nhi\r\n0\r\n\r\n", "2;\nhi\r\n0\r\n\r\n", "2 \r\nhi\r\n0\r\n\r\n",
                 "0x2\r\nhi\r\n0\r\n\r\n", "10000000000000002\r\nhi\r\n0\r\n\r\n");
    INFO(extension);
    RawConnection peer{server.port()};
    peer.send(std::string{chunked_head} + extension);
    const std::string answer = peer.read_to_end();
    CHECK(status_of(answer) == 400);
    CHECK(has_header(answer, "Connection: close"));
}

TEST_CASE("a connection with only an empty line after its last request is still idle") {
    Server server = start(echo_router(), {.limits = {.header_timeout = 200ms}});
    RawConnection peer{server.port()};
    peer.send(get() + "\r\n");
    CHECK(status_of(peer.read_message()) == 200);
    // No 408 that the peer would take for the answer to its next request.
    CHECK_FALSE(peer.readable(600ms));
    peer.send(get());
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("what is no exception at all and is thrown where a completion starts is an internal error too") {
    Router router = echo_router();
    router.add(Method::get, "/throws", [](Request) -> awaitable<Response> {
        const Result<int> none = co_await completed_by<int>([](const Completion<int>&) { throw 5; });
        co_return tollgate::http::to_response(none.error());
    });
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(get("/throws") + get());
    CHECK(status_of(peer.read_message()) == 503);
    CHECK(status_of(peer.read_message()) == 200);
}
