#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::http::Method;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

Router gated_router(Gate& gate) {
    Router router = echo_router();
    router.add(Method::get, "/wait", [&](Request request) { return gate.wait(std::move(request)); });
    return router;
}

}  // namespace

TEST_CASE("a drain closes idle connections at once") {
    Server server = start(echo_router(), {.threads = 2});
    RawConnection silent{server.port()};
    RawConnection idle{server.port()};
    idle.send(get());
    CHECK(status_of(idle.read_message()) == 200);
    REQUIRE(wait_until([&] { return server.connections() == 2; }));
    const auto begun = std::chrono::steady_clock::now();
    CHECK(server.stop(10s) == 0);
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
    CHECK(idle.read_to_end().empty());
    CHECK(silent.read_to_end().empty());
    CHECK_THROWS(RawConnection{server.port()});
}

TEST_CASE("whoever is still connected hears of the end by an answer, and who comes is still served") {
    Server server = start(echo_router());
    RawConnection idle{server.port()};
    idle.send(get());
    CHECK_FALSE(has_header(idle.read_message(), "Connection: close"));
    std::thread leaving{[&] { server.take_leave(10s); }};
    // A new one is closed after its answer as soon as the leave has begun.
    CHECK(wait_until([&] {
        RawConnection late{server.port()};
        late.send(get());
        return has_header(late.read_message(), "Connection: close");
    }));
    idle.send(get());
    const std::string last = idle.read_to_end();
    CHECK(status_of(last) == 200);
    CHECK(has_header(last, "Connection: close"));
    // Nobody is left, so there is nobody to wait for.
    const auto begun = std::chrono::steady_clock::now();
    idle.finish_sending();
    leaving.join();
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
    CHECK(server.stop(10s) == 0);
}

TEST_CASE("a leave is over at the end of its window when somebody says nothing") {
    Server server = start(echo_router());
    RawConnection silent{server.port()};
    REQUIRE(wait_until([&] { return server.connections() == 1; }));
    const auto begun = std::chrono::steady_clock::now();
    server.take_leave(300ms);
    CHECK(std::chrono::steady_clock::now() - begun >= 300ms);
    CHECK(server.connections() == 1);
    CHECK(server.stop(10s) == 0);
    CHECK(silent.read_to_end().empty());
}

TEST_CASE("a drain answers what is in flight and closes its connection") {
    Gate gate;
    Server server = start(gated_router(gate));
    RawConnection peer{server.port()};
    peer.send(get("/wait"));
    REQUIRE(gate.holds(1));
    std::thread stopping{[&] { CHECK(server.stop(10s) == 0); }};
    // Nobody is accepted any more: the drain has begun.
    CHECK(wait_until([&] {
        try {
            RawConnection{server.port()};
            return false;
        } catch (const std::runtime_error&) {
            return true;
        }
    }));
    gate.open(200);
    const std::string answer = peer.read_to_end();
    CHECK(status_of(answer) == 200);
    CHECK(has_header(answer, "Connection: close"));
    stopping.join();
}

TEST_CASE("a drain lets a request that has begun to arrive come to its end") {
    Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n");
    CHECK(peer.read_message() == "HTTP/1.1 100 Continue\r\n\r\n");
    std::thread stopping{[&] { CHECK(server.stop(10s) == 0); }};
    peer.send("half");
    CHECK_FALSE(peer.readable(100ms));
    peer.send("half");
    CHECK(body_of(peer.read_to_end()) == "halfhalf");
    stopping.join();
}

TEST_CASE("what is left at the deadline of a drain is cut off and counted") {
    Gate gate;
    Server server = start(gated_router(gate));
    RawConnection waiting{server.port()};
    waiting.send(get("/wait"));
    REQUIRE(gate.holds(1));
    RawConnection half{server.port()};
    half.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf");
    REQUIRE(wait_until([&] { return server.connections() == 2; }));
    CHECK(server.stop(100ms) == 2);
    CHECK(waiting.read_to_end().empty());
    CHECK(half.read_to_end().empty());
    // Who holds a completion must answer it, also too late: only then can the server go.
    gate.open(200);
    CHECK(wait_until([&] { return server.connections() == 0; }));
}

TEST_CASE("a stop that is repeated or comes before any connection does nothing") {
    Server server = start(echo_router(), {.threads = 3});
    CHECK(server.stop(10s) == 0);
    CHECK(server.stop(10s) == 0);
}

TEST_CASE("a drain under load answers every request that was handled") {
    std::atomic<int> handled = 0;
    Router router;
    router.add(Method::post, "/count", [&](Request request) -> awaitable<Response> {
        ++handled;
        co_return tollgate::http::plain(200, std::move(request.body));
    });
    Server server = start(std::move(router), {.threads = 2});
    std::atomic<int> answered = 0;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> clients;
    for (int c = 0; c < 8; ++c) {
        clients.emplace_back([&, c] {
            const std::string body(static_cast<std::size_t>(100 + c), 'x');
            try {
                for (;;) {
                    RawConnection peer{server.port()};
                    std::string answer;
                    while (!has_header(answer, "Connection: close")) {
                        peer.send(post(body, "/count"));
                        answer = peer.read_message();
                        if (status_of(answer) != 200 || body_of(answer) != body) ++wrong;
                        ++answered;
                    }
                }
            } catch (const std::runtime_error&) {
                // Refused, or closed while idle: where the load ends.
            }
        });
    }
    REQUIRE(wait_until([&] { return handled > 500; }));
    CHECK(server.stop(10s) == 0);
    for (auto& client : clients) client.join();
    CHECK(wrong == 0);
    CHECK(answered == handled);
}
