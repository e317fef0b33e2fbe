#include <functional>
#include <thread>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "http/client.hpp"
#include "support/raw_socket.hpp"

using tollgate::ErrorCode;
using tollgate::Result;
using tollgate::http::any_address;
using tollgate::http::Client;
using tollgate::http::ClientRequest;
using tollgate::http::ClientResponse;
using tollgate::http::IoThreads;
using tollgate::http::Method;
using tollgate::http::was_never_sent;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

// Sends the request to a peer that does with its one connection what the test says.
class Call {
public:
    explicit Call(std::function<void(RawConnection&)> peer, ClientRequest request = {},
                  std::string_view scheme = "http") {
        std::thread thread{[&] {
            RawConnection connection = listener_.accept();
            peer(connection);
        }};
        request.url = fmt::format("{}://127.0.0.1:{}/hook", scheme, listener_.port());
        const auto client = Client::make({.addresses = any_address,
                                          .plain_http = [](std::string_view) { return true; },
                                          .connect_timeout = 300ms,
                                          .header_bytes_max = 8192,
                                          .body_bytes_max = 1000});
        const IoThreads threads{1};
        result_ = await_on(threads, client->fetch(std::move(request)));
        thread.join();
    }

    const Result<ClientResponse>& result() const { return result_; }
    bool connected_again() const { return listener_.has_connection(0ms); }

private:
    RawListener listener_;
    Result<ClientResponse> result_;
};

// Reads the request and answers with those bytes; the connection closes after it.
std::function<void(RawConnection&)> answers(std::string bytes) {
    return [bytes = std::move(bytes)](RawConnection& peer) {
        peer.read_message();
        peer.try_send(bytes);
    };
}

}  // namespace

TEST_CASE("an answer that is not whole leaves the outcome in doubt") {
    const auto bytes = GENERATE(as<std::string>{}, "", "HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Le",
                                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                                "HTTP/1.1 100 Continue\r\n\r\n", "220 mail.example ESMTP\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc");
    INFO(bytes);
    const Call call{answers(bytes)};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::in_doubt);
    CHECK_FALSE(was_never_sent(call.result().error()));
}

TEST_CASE("a reset after the request leaves the outcome in doubt") {
    const Call call{[](RawConnection& peer) {
        peer.read_message();
        peer.reset();
    }};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::in_doubt);
}

TEST_CASE("a peer that hangs leaves the outcome in doubt at the deadline") {
    const auto bytes = GENERATE(as<std::string>{}, "", "HTTP/1.1 200 OK\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    const Call call{[&](RawConnection& peer) {
                        peer.read_message();
                        peer.send(bytes);
                        peer.read_to_end();
                    },
                    {.timeout = 500ms}};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::in_doubt);
    CHECK(call.result().error().detail.ends_with("gave no complete answer in time"));
}

TEST_CASE("a peer that takes no more of a request leaves the outcome in doubt at the deadline") {
    const Call call{[](RawConnection& peer) {
                        peer.read_exactly(1000);
                        peer.readable(2s);
                        peer.read_to_end();
                    },
                    {.method = Method::post, .body = filler(64'000'000), .timeout = 500ms}};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::in_doubt);
}

TEST_CASE("a peer that never begins its TLS was never sent anything") {
    const Call call{[](RawConnection& peer) { peer.read_to_end(); }, {}, "https"};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::unavailable);
    CHECK(was_never_sent(call.result().error()));
    CHECK(call.result().error().detail.ends_with("no answer in time"));
}

TEST_CASE("a peer that speaks no TLS was never sent anything") {
    const Call call{[](RawConnection& peer) {
                        peer.readable(10s);
                        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
                        peer.read_to_end();
                    },
                    {},
                    "https"};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::unavailable);
}

TEST_CASE("an answer beyond its limits is too large") {
    const auto bytes = GENERATE(as<std::string>{},
                                "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
                                "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'),
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" +
                                    std::string(2048, 'x') + "\r\n0\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nX: " + std::string(50'000, 'x') + "\r\n\r\n");
    const Call call{answers(bytes)};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::too_large);
    CHECK_FALSE(was_never_sent(call.result().error()));
}

TEST_CASE("a long answer is cut for who only wants its beginning") {
    const Call call{answers("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + std::string(90'000, 'x')),
                    {.body_bytes_max = 10, .cut_body = true}};
    REQUIRE(call.result());
    CHECK(call.result()->status == 200);
    CHECK(call.result()->body == "xxxxxxxxxx");
    CHECK(call.result()->body_was_cut);
}

TEST_CASE("a redirect is an answer and is not followed") {
    const Call call{
        answers("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")};
    REQUIRE(call.result());
    CHECK(call.result()->status == 302);
    CHECK(call.result()->headers.get("Location") == "http://127.0.0.1:1/");
    CHECK_FALSE(call.connected_again());
}

TEST_CASE("every framing of an answer is read") {
    const auto bytes =
        GENERATE(as<std::string>{}, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
                 "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n"
                 "X-Trailer: 1\r\n\r\n",
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    INFO(bytes);
    const Call call{answers(bytes)};
    REQUIRE(call.result());
    CHECK(call.result()->status == 200);
    CHECK(call.result()->body == "hello");
    CHECK_FALSE(call.result()->headers.contains("X-Trailer"));
    CHECK_FALSE(call.result()->headers.contains("Link"));
}

TEST_CASE("an answer without a body ends with its head") {
    const auto [method, status] =
        GENERATE(table<Method, int>({{Method::head, 200}, {Method::get, 204}, {Method::get, 304}}));
    const Call call{[sent = status](RawConnection& peer) {
                        peer.read_message();
                        peer.send(fmt::format("HTTP/1.1 {} X\r\nContent-Length: 500\r\n\r\n", sent));
                        peer.read_to_end();
                    },
                    {.method = method}};
    REQUIRE(call.result());
    CHECK(call.result()->status == status);
    CHECK(call.result()->body.empty());
}

TEST_CASE("a refusal that comes before the request is whole is read") {
    const Call call{[](RawConnection& peer) {
                        peer.read_exactly(1000);
                        peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
                        peer.finish_sending();
                        peer.read_to_end();
                    },
                    {.method = Method::post, .body = filler(16'000'000)}};
    REQUIRE(call.result());
    CHECK(call.result()->status == 413);
}

TEST_CASE("an answer's header beyond its limit is too large also when it comes in pieces") {
    const Call call{[](RawConnection& peer) {
        peer.read_message();
        // Each piece ends within a name: what came before it is parsed and leaves the buffer.
        peer.send_apart("HTTP/1.1 200 OK\r\nX");
        for (int i = 0; i < 50; ++i) {
            if (!peer.send_apart(": " + filler(500) + "\r\nX")) return;
        }
        peer.try_send(": y\r\nContent-Length: 0\r\n\r\n");
    }};
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::too_large);
}

TEST_CASE("a chunked answer may come byte by byte to its very end") {
    const Call call{[](RawConnection& peer) {
        peer.read_message();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (const char c : std::string_view{"0\r\n\r\n"}) peer.send_apart({&c, 1});
        peer.read_to_end();
    }};
    REQUIRE(call.result());
    CHECK(call.result()->body.empty());
}
