// What one sender can do to the others: addresses 127.0.0.1 and 127.0.0.2 are two of them.
#include <list>
#include <mutex>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::http::Limit;
using tollgate::http::Method;
using tollgate::http::Observation;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using tollgate::http::TrustedProxies;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

constexpr std::string_view half_a_head = "GET /hello HTTP/1.1\r\n";

std::string begun_post(std::size_t size, std::string_view more_headers = {}) {
    return fmt::format("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n{}", size, more_headers,
                       filler(size - 1));
}

// Of a request that stops a byte before its end: whether it is refused at once.
int answer_to(RawConnection& peer, std::string_view request) {
    peer.send(request);
    return peer.readable(300ms) ? status_of(peer.read_message()) : 0;
}

// What the server told its observer.
class Seen {
public:
    void add(const Observation& observation) {
        const std::lock_guard lock{mutex_};
        all_.push_back(observation);
    }
    bool has(Limit limit, int status) {
        return wait_until([&] {
            const std::lock_guard lock{mutex_};
            return std::ranges::any_of(all_, [&](const Observation& observation) {
                return observation.limit == limit && observation.status == status;
            });
        });
    }

private:
    std::mutex mutex_;
    std::vector<Observation> all_;
};

}  // namespace

TEST_CASE("one address cannot take all connections") {
    Seen seen;
    const Server server = start(
        echo_router(), {.threads = 2, .limits = {.connections_max = 30, .connections_per_address_max = 3}},
        [&](const Observation& observation) { seen.add(observation); });
    std::list<RawConnection> greedy;
    for (int i = 0; i < 3; ++i) greedy.emplace_back(server.port()).send(half_a_head);
    RawConnection fourth{server.port()};
    const std::string answer = fourth.read_to_end();
    CHECK(status_of(answer) == 503);
    CHECK(has_header(answer, "Retry-After: 5"));
    CHECK(seen.has(Limit::connections_per_address, 503));
    // Told or not, none of them takes another sender's place.
    for (int i = 0; i < 40; ++i) greedy.emplace_back(server.port());
    CHECK(seen.has(Limit::connections_per_address, 0));
    RawConnection another{server.port(), 2};
    another.send(get());
    CHECK(status_of(another.read_message()) == 200);
    greedy.clear();
    REQUIRE(wait_until([&] { return server.connections() == 1; }));
    RawConnection again{server.port()};
    again.send(get());
    CHECK(status_of(again.read_message()) == 200);
}

TEST_CASE("where all connections are taken the one that has been idle for longest makes way") {
    Seen seen;
    const Server server = start(echo_router(), {.threads = 2, .limits = {.connections_max = 3}},
                                [&](const Observation& observation) { seen.add(observation); });
    RawConnection busy{server.port()};
    busy.send(half_a_head);
    std::list<RawConnection> idle;
    for (int i = 0; i < 2; ++i) {
        idle.emplace_back(server.port()).send(get());
        CHECK(status_of(idle.back().read_message()) == 200);
    }
    REQUIRE(wait_until([&] { return server.idle_connections() == 2; }));
    std::list<RawConnection> newcomers;
    for (int i = 0; i < 2; ++i) {
        newcomers.emplace_back(server.port()).send(get());
        CHECK(status_of(newcomers.back().read_message()) == 200);
        newcomers.back().send(half_a_head);
        const std::size_t left = 1UZ - static_cast<std::size_t>(i);
        REQUIRE(wait_until([&] { return server.connections() == 3 && server.idle_connections() == left; }));
    }
    for (RawConnection& peer : idle) CHECK(peer.read_to_end().empty());
    // Nobody is idle any more.
    RawConnection beyond{server.port()};
    CHECK(status_of(beyond.read_to_end()) == 503);
    CHECK(seen.has(Limit::connections, 503));
    busy.send("Host: x\r\n\r\n");
    CHECK(status_of(busy.read_message()) == 200);
}

TEST_CASE("at the limit of an address one of its own idle connections makes way") {
    const Server server = start(echo_router(), {.limits = {.connections_per_address_max = 2}});
    const auto idle_from = [&](std::uint8_t host) {
        RawConnection peer{server.port(), host};
        peer.send(get());
        CHECK(status_of(peer.read_message()) == 200);
        return peer;
    };
    RawConnection another = idle_from(2);
    RawConnection first = idle_from(1);
    RawConnection second = idle_from(1);
    REQUIRE(wait_until([&] { return server.idle_connections() == 3; }));
    const RawConnection third = idle_from(1);
    CHECK(first.read_to_end().empty());
    for (RawConnection* const peer : {&another, &second}) {
        peer->send(get());
        CHECK(status_of(peer->read_message()) == 200);
    }
}

TEST_CASE("one address cannot take all bytes of bodies") {
    Seen seen;
    const Server server =
        start(echo_router(), {.limits = {.bodies_bytes_max = 1000, .bodies_bytes_per_address_max = 400}},
              [&](const Observation& observation) { seen.add(observation); });
    RawConnection slow{server.port()};
    CHECK(answer_to(slow, begun_post(300)) == 0);
    RawConnection second{server.port()};
    CHECK(answer_to(second, begun_post(300)) == 503);
    CHECK(seen.has(Limit::bodies_bytes_per_address, 503));
    RawConnection another{server.port(), 2};
    another.send(post(filler(300)));
    CHECK(status_of(another.read_message()) == 200);
    slow.send("x");
    CHECK(status_of(slow.read_message()) == 200);
}

TEST_CASE("a proxy's bodies count for whom it forwards them for") {
    const Server server = start(echo_router(), {.limits = {.connections_per_address_max = 1,
                                                           .bodies_bytes_max = 1000,
                                                           .bodies_bytes_per_address_max = 400},
                                                .trusted_proxies = *TrustedProxies::parse("127.0.0.1")});
    const auto of = [](std::string_view client) { return fmt::format("X-Forwarded-For: {}\r\n", client); };
    RawConnection slow{server.port()};
    CHECK(answer_to(slow, begun_post(300, of("192.0.2.1"))) == 0);
    RawConnection second{server.port()};
    CHECK(answer_to(second, begun_post(300, of("192.0.2.1"))) == 503);
    RawConnection another{server.port()};
    another.send(post(filler(300), "/echo", of("192.0.2.2")));
    CHECK(status_of(another.read_message()) == 200);
    // The same connection, for another client.
    another.send(post(filler(300), "/echo", of("192.0.2.1")));
    CHECK(status_of(another.read_message()) == 503);
    // Whose it is is not known: only the limit of all holds.
    RawConnection nobodys{server.port()};
    nobodys.send(post(filler(600)));
    CHECK(status_of(nobodys.read_message()) == 200);
}

TEST_CASE("the client of a request is whom a trusted proxy speaks for") {
    Router router;
    router.add(Method::get, "/who", [](Request request) -> awaitable<Response> {
        co_return tollgate::http::plain(200, request.peer.text() + " " + request.client.text());
    });
    const Server server = start(std::move(router), {.trusted_proxies = *TrustedProxies::parse("127.0.0.1")});
    const std::string request = get("/who", "X-Forwarded-For: 192.0.2.1\r\n");
    RawConnection proxy{server.port()};
    proxy.send(request);
    CHECK(body_of(proxy.read_message()) == "127.0.0.1 192.0.2.1");
    RawConnection stranger{server.port(), 2};
    stranger.send(request);
    CHECK(body_of(stranger.read_message()) == "127.0.0.2 127.0.0.2");
}

TEST_CASE("a body must come at the least rate, and every byte buys time") {
    const Server server =
        start(echo_router(),
              {.limits = {.body_timeout = 60s, .body_bytes_per_second_min = 1000, .body_grace = 200ms}});
    const auto chunked = GENERATE(false, true);
    const std::string head =
        chunked ? "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n"
                : "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10001\r\n\r\n";
    RawConnection slow{server.port()};
    slow.send(head + "a few bytes");
    REQUIRE(slow.readable(10s));
    CHECK(status_of(slow.read_to_end()) == 408);
    RawConnection ahead{server.port()};
    ahead.send(head + filler(10'000));
    CHECK_FALSE(ahead.readable(800ms));
    ahead.send(chunked ? "x\r\n0\r\n\r\n" : "x");
    CHECK(status_of(ahead.read_message()) == 200);
}

TEST_CASE("a route hears of a body that did not come whole, unless it was for want of room") {
    std::mutex mutex;
    std::string heard;
    const auto hears = [&](std::string_view what) {
        return wait_until([&] {
            const std::lock_guard lock{mutex};
            return heard == what;
        });
    };
    Router router;
    router.add(Method::post, "/in",
               [](Request request) -> awaitable<Response> {
                   co_return tollgate::http::plain(200, std::move(request.body));
               },
               {.broken = [&](const Request& head) {
                   const std::lock_guard lock{mutex};
                   heard += head.headers.get("X-Who").value_or("?");
               }});
    const Server server =
        start(std::move(router), {.limits = {.body_timeout = 300ms, .bodies_bytes_per_address_max = 100}});
    const auto send = [&](std::string_view who, std::string_view rest, bool leave) {
        RawConnection peer{server.port()};
        peer.send(fmt::format("POST /in HTTP/1.1\r\nHost: x\r\nX-Who: {}\r\n{}", who, rest));
        if (leave) peer.finish_sending();
        return status_of(peer.read_to_end());
    };
    CHECK(send("a", "Content-Length: 10\r\n\r\nhalf", false) == 408);
    CHECK(hears("a"));
    CHECK(send("b", "Content-Length: 10\r\n\r\nhalf", true) == 0);
    CHECK(hears("ab"));
    CHECK(send("c", "Transfer-Encoding: chunked\r\n\r\nno chunk\r\n", false) == 400);
    CHECK(hears("abc"));
    CHECK(send("d", "Content-Length: 200\r\n\r\n" + filler(150), false) == 503);
    CHECK(send("e", "Connection: close\r\nContent-Length: 4\r\n\r\ngood", false) == 200);
    CHECK(hears("abc"));
}

TEST_CASE("a folded header is 400") {
    const Server server = start(echo_router());
    RawConnection peer{server.port()};
    peer.send(get("/hello", "X: one\r\n two\r\n"));
    CHECK(status_of(peer.read_to_end()) == 400);
}
