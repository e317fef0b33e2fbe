#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/ports.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::ErrorCode;
using tollgate::http::Method;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using namespace tollgate::test;

namespace {

// Answers what it received as "name=value" lines of headers.
awaitable<Response> tell_headers(Request request) {
    std::string text;
    for (const auto field : request.headers) text += fmt::format("{}={}\n", field.name, field.value);
    co_return tollgate::http::plain(200, text + request.body);
}

}  // namespace

TEST_CASE("one connection carries many requests") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    for (int i = 0; i < 3; ++i) {
        peer.send(post("body " + std::to_string(i)));
        const std::string answer = peer.read_message();
        CHECK(status_of(answer) == 200);
        CHECK(body_of(answer) == "body " + std::to_string(i));
        CHECK_FALSE(has_header(answer, "Connection: close"));
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("pipelined requests are answered in their order") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    std::string many;
    for (int i = 0; i < 100; ++i) many += post(std::to_string(i)) + get() + "\r\n";
    peer.send(many);
    for (int i = 0; i < 100; ++i) {
        CHECK(body_of(peer.read_message()) == std::to_string(i));
        CHECK(body_of(peer.read_message()) == "hello");
    }
}

TEST_CASE("a request that comes byte by byte is read like any other") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    for (const char c : post("slow but sure", "/echo", "X-Header: with a value\r\n")) peer.send({&c, 1});
    CHECK(body_of(peer.read_message()) == "slow but sure");
}

TEST_CASE("the body is handed over as the bytes that came") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    std::string bytes(300'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 % 251);
    peer.send(post(bytes, "/echo", "Content-Encoding: gzip\r\n"));
    CHECK(body_of(peer.read_message()) == bytes);
}

TEST_CASE("a chunked body is joined and its trailers are dropped") {
    Router router;
    router.add(Method::post, "/headers", tell_headers);
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(
        "POST /headers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Signature\r\n\r\n"
        "5;name=value\r\nhello\r\n");
    peer.send("6\r\n world\r\n0\r\nX-Signature: forged\r\nX-Other: 1\r\n\r\n" +
              get("/headers", "X-Next: 1\r\n"));
    const std::string answer = peer.read_message();
    CHECK(body_of(answer) == "Host=x\nTransfer-Encoding=chunked\nTrailer=X-Signature\nhello world");
    CHECK(status_of(peer.read_message()) == 405);
}

TEST_CASE("headers reach the handler in order with duplicates") {
    Router router;
    router.add(Method::get, "/headers", tell_headers);
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send("GET /headers HTTP/1.1\r\nHost: x\r\nA: 1\r\na:  2 \r\nB:\r\n\r\n");
    CHECK(body_of(peer.read_message()) == "Host=x\nA=1\na=2\nB=\n");
}

TEST_CASE("who asks whether to go on is told so before the body is sent") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK(peer.read_message() == "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("body");
    CHECK(body_of(peer.read_message()) == "body");
}

TEST_CASE("who asks whether to go on in vain gets the refusal only") {
    const Server server = start(echo_router());
    const auto [path, length, expectation, status] = GENERATE(
        table<const char*, const char*, const char*, int>({{"/none", "4", "100-continue", 404},
                                                           {"/echo", "999999999", "100-continue", 413},
                                                           {"/echo", "4", "a-miracle", 417}}));
    RawConnection peer{server.port()};
    peer.send(fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nExpect: {}\r\n\r\n", path,
                          length, expectation));
    const std::string answer = peer.read_message();
    CHECK(status_of(answer) == status);
    CHECK(has_header(answer, "Connection: close"));
    CHECK(peer.read_to_end().empty());
}

TEST_CASE("HEAD is answered as GET without the body") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n" + get());
    const std::string answer = peer.read_message(true);
    CHECK(status_of(answer) == 200);
    CHECK(has_header(answer, "Content-Length: 5"));
    CHECK(body_of(peer.read_message()) == "hello");
}

TEST_CASE("a client that asks to close and an HTTP/1.0 client are answered and closed") {
    const Server server = start(echo_router());
    const auto request =
        GENERATE(as<std::string>{}, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                 "GET /hello HTTP/1.0\r\n\r\n", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    RawConnection peer{server.port()};
    peer.send(request);
    const std::string answer = peer.read_to_end();
    CHECK(has_header(answer, "Connection: close"));
    CHECK(body_of(answer) == "hello");
}

TEST_CASE("what two parsers could read differently is refused and the connection closed") {
    const Server server = start(echo_router());
    const auto [request, status] = GENERATE(table<const char*, int>({
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 5\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcdEF\r\n0\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nName : 1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\nName: 1\r\n\r\n", 400},
        {"GET /he llo HTTP/1.1\r\nHost: x\r\n\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"\x16\x03\x01\x02 the hello of TLS\r\n\r\n", 400},
        {"garbage\r\n\r\n", 400},
    }));
    INFO(request);
    RawConnection peer{server.port()};
    peer.send(request);
    const std::string answer = peer.read_to_end();
    CHECK(status_of(answer) == status);
    CHECK(has_header(answer, "Content-Type: application/problem+json"));
    CHECK(has_header(answer, "Connection: close"));
}

TEST_CASE("a body longer than announced is the next request and a malformed one") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcdefgh\r\n\r\n");
    CHECK(body_of(peer.read_message()) == "abcd");
    CHECK(status_of(peer.read_to_end()) == 400);
}

TEST_CASE("a body shorter than announced never reaches a handler") {
    std::atomic<int> handled = 0;
    Router router;
    router.add(Method::post, "/count", [&](Request) -> awaitable<Response> {
        ++handled;
        co_return Response{};
    });
    const Server server = start(std::move(router));
    {
        RawConnection peer{server.port()};
        peer.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        peer.finish_sending();
        CHECK(peer.read_to_end().empty());
    }
    CHECK(wait_until([&] { return server.connections() == 0; }));
    CHECK(handled == 0);
}

TEST_CASE("an unknown path is 404 and the connection goes on") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send("GET /none HTTP/1.1\r\nHost: x\r\n\r\nBREW /hello HTTP/1.1\r\nHost: x\r\n\r\n" + get());
    CHECK(status_of(peer.read_message()) == 404);
    const std::string refused = peer.read_message();
    CHECK(status_of(refused) == 405);
    CHECK(has_header(refused, "Allow: GET, HEAD"));
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("the absolute form of a target is its path") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send(get("http://example.com/hello?x=1"));
    CHECK(status_of(peer.read_message()) == 200);
    peer.send(get("http://example.com"));
    CHECK(status_of(peer.read_message()) == 404);
}

TEST_CASE("a trace is continued with a span of our own or begun") {
    Router router;
    router.add(Method::get, "/trace", [](Request request) -> awaitable<Response> {
        co_return tollgate::http::plain(200, request.trace.traceparent());
    });
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(get("/trace", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"));
    const std::string continued = peer.read_message();
    CHECK(body_of(continued).substr(0, 36) == "00-4bf92f3577b34da6a3ce929d0e0e4736-");
    CHECK(body_of(continued).substr(36, 16) != "00f067aa0ba902b7");
    peer.send(get("/trace", "traceparent: nonsense\r\n"));
    CHECK(body_of(peer.read_message()).size() == 55);
}

TEST_CASE("connections are spread over the threads") {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    Router router;
    router.add(Method::get, "/", [&](Request) -> awaitable<Response> {
        const std::lock_guard lock{mutex};
        threads.insert(std::this_thread::get_id());
        co_return Response{};
    });
    const Server server = start(std::move(router), {.threads = 3});
    for (int i = 0; i < 6; ++i) {
        RawConnection peer{server.port()};
        peer.send(get("/"));
        CHECK(status_of(peer.read_message()) == 200);
    }
    CHECK(threads.size() == 3);
}

TEST_CASE("a server that cannot listen says where and why") {
    const Server first = start(echo_router());
    const auto second = Server::start({.port = first.port()}, echo_router());
    REQUIRE_FALSE(second);
    CHECK(second.error().detail ==
          fmt::format("cannot listen on 127.0.0.1 port {}: Address already in use", first.port()));
    const auto elsewhere = Server::start({.address = "203.0.113.7", .port = 80}, echo_router());
    REQUIRE_FALSE(elsewhere);
    CHECK(elsewhere.error().detail ==
          "cannot listen on 203.0.113.7 port 80: Cannot assign requested address");
    const auto nowhere = Server::start({.address = "localhost", .port = 80}, echo_router());
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code == ErrorCode::misconfigured);
    CHECK(nowhere.error().detail.starts_with("cannot listen on localhost port 80: "));
}
