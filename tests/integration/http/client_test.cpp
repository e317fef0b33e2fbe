#include "http/client.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "http/completion.hpp"
#include "support/ports.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::ErrorCode;
using tollgate::Result;
using tollgate::http::any_address;
using tollgate::http::Client;
using tollgate::http::ClientRequest;
using tollgate::http::ClientResponse;
using tollgate::http::ClientSettings;
using tollgate::http::IoThreads;
using tollgate::http::IpAddress;
using tollgate::http::Method;
using tollgate::http::Request;
using tollgate::http::Resolver;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using tollgate::http::was_never_sent;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

using Addresses = std::vector<IpAddress>;

// Answers each lookup with the next of its answers, and counts them.
class ScriptedResolver final : public Resolver {
public:
    explicit ScriptedResolver(std::vector<Result<Addresses>> answers) : answers_{std::move(answers)} {}

    awaitable<Result<Addresses>> resolve(std::string) override {
        co_return answers_[std::min(lookups++, answers_.size() - 1)];
    }

    std::size_t lookups = 0;

private:
    std::vector<Result<Addresses>> answers_;
};

// Never answers as long as it lives.
class SilentResolver final : public Resolver {
public:
    awaitable<Result<Addresses>> resolve(std::string) override {
        co_return co_await tollgate::http::completed_by<Addresses>(
            [this](tollgate::http::Completion<Addresses> done) { waiting.push_back(std::move(done)); });
    }

    std::vector<tollgate::http::Completion<Addresses>> waiting;
};

bool any_host(std::string_view) {
    return true;
}

ClientSettings internal() {
    return {.addresses = any_address, .plain_http = any_host};
}

Result<ClientResponse> fetch(ClientRequest request, ClientSettings settings = internal(),
                             std::shared_ptr<Resolver> resolver = nullptr) {
    const auto client = Client::make(std::move(settings), std::move(resolver));
    if (!client) throw std::runtime_error{client.error().text()};
    const IoThreads threads{1};
    return await_on(threads, client->fetch(std::move(request)));
}

std::string url(std::uint16_t port, std::string_view path = "/", std::string_view host = "127.0.0.1") {
    return fmt::format("http://{}:{}{}", host, port, path);
}

}  // namespace

TEST_CASE("a request goes out and its answer comes back") {
    std::mutex mutex;
    std::string seen;
    Router router;
    router.add(Method::post, "/hook", [&](Request request) -> awaitable<Response> {
        const std::lock_guard lock{mutex};
        for (const auto field : request.headers) seen += fmt::format("{}: {}\n", field.name, field.value);
        Response response = tollgate::http::json(202, "{}");
        response.headers.add("X-Query", *request.query("a"));
        response.headers.add("X-Body", request.body);
        co_return response;
    });
    const Server server = start(std::move(router));
    const auto response = fetch({.method = Method::post,
                                 .url = url(server.port(), "/hook?a=1%2B1", "localhost"),
                                 .headers = {{"X-Own", "yes"}},
                                 .body = "payload"});
    REQUIRE(response);
    CHECK(response->status == 202);
    CHECK(response->body == "{}");
    CHECK(response->headers.get("x-query") == "1+1");
    CHECK(response->headers.get("X-Body") == "payload");
    CHECK(response->address.text() == "127.0.0.1");
    CHECK(seen == fmt::format("Host: localhost:{}\nConnection: close\nContent-Length: 7\nX-Own: yes\n"
                              "User-Agent: tollgate\nAccept-Encoding: identity\n",
                              server.port()));
}

TEST_CASE("no spelling of an inward address gets past the default policy") {
    const RawListener inside;
    const auto host =
        GENERATE("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]",
                 "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "0.0.0.0", "0", "[::]", "10.0.0.1",
                 "169.254.169.254", "[64:ff9b::7f00:1]", "[2002:7f00:1::]");
    INFO(host);
    ClientSettings settings;
    settings.plain_http = any_host;
    const auto response = fetch({.url = url(inside.port(), "/", host), .timeout = 3s}, settings);
    REQUIRE_FALSE(response);
    INFO(response.error().text());
    // A machine without IPv6 may not get as far as the policy with some of them; none gets further.
    const ErrorCode code = response.error().code;
    CHECK((code == ErrorCode::forbidden || code == ErrorCode::unavailable));
    if (std::string_view{host}.find(':') == std::string_view::npos) CHECK(code == ErrorCode::forbidden);
    CHECK(was_never_sent(response.error()));
    CHECK_FALSE(inside.has_connection(0ms));
}

TEST_CASE("a name is resolved once and only what was allowed is connected to") {
    const Server server = start(echo_router());
    const RawListener elsewhere;
    ClientSettings settings = internal();
    settings.addresses = [](const IpAddress& address) -> Result<void> {
        if (address.text() == "127.0.0.1") return {};
        return tollgate::fail(ErrorCode::forbidden, "{} is not for us", address.text());
    };
    const auto resolver = std::make_shared<ScriptedResolver>(std::vector<Result<Addresses>>{
        Addresses{*IpAddress::parse("127.0.0.2"), *IpAddress::parse("127.0.0.1")},
        Addresses{*IpAddress::parse("127.0.0.3")}});
    const auto response =
        fetch({.url = url(server.port(), "/hello", "rebinding.example")}, settings, resolver);
    REQUIRE(response);
    CHECK(response->body == "hello");
    CHECK(resolver->lookups == 1);

    const auto refused =
        fetch({.url = url(server.port(), "/hello", "rebinding.example")}, settings, resolver);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::forbidden);
    CHECK(refused.error().detail == "rebinding.example may not be called: 127.0.0.3 is not for us");
}

TEST_CASE("the next address is tried when one refuses") {
    const Server server = start(echo_router(), {.address = "127.0.0.1"});
    const auto resolver = std::make_shared<ScriptedResolver>(std::vector<Result<Addresses>>{
        Addresses{*IpAddress::parse("127.0.0.9"), *IpAddress::parse("::1"), *IpAddress::parse("127.0.0.1")}});
    const auto response = fetch({.url = url(server.port(), "/hello", "many.example")}, internal(), resolver);
    REQUIRE(response);
    CHECK(response->address.text() == "127.0.0.1");
}

TEST_CASE("what never left is told as such") {
    const std::string closed = url(free_port());
    const auto [request, code] = GENERATE_COPY(table<ClientRequest, ErrorCode>({
        {{.url = closed}, ErrorCode::unavailable},
        {{.url = closed, .timeout = 0ms}, ErrorCode::unavailable},
        {{.url = "nonsense"}, ErrorCode::invalid},
        {{.url = "ftp://127.0.0.1/"}, ErrorCode::invalid},
        {{.method = Method::other, .url = closed}, ErrorCode::invalid},
        {{.url = closed, .headers = {{"X", "a\r\nY: b"}}}, ErrorCode::invalid},
        {{.url = closed, .headers = {{"X Y", "a"}}}, ErrorCode::invalid},
        {{.url = closed, .headers = {{"host", "other"}}}, ErrorCode::invalid},
        {{.url = closed, .headers = {{"Content-Length", "0"}}}, ErrorCode::invalid},
        {{.url = closed, .headers = {{"Transfer-Encoding", "chunked"}}}, ErrorCode::invalid},
    }));
    const auto response = fetch(request);
    REQUIRE_FALSE(response);
    INFO(response.error().text());
    CHECK(response.error().code == code);
    CHECK(was_never_sent(response.error()));
}

TEST_CASE("http without TLS is for the hosts that are allowed it") {
    const Server server = start(echo_router());
    ClientSettings settings = internal();
    settings.plain_http = {};
    const auto refused = fetch({.url = url(server.port(), "/hello")}, settings);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid);
    settings.plain_http = [](std::string_view host) { return host == "localhost"; };
    CHECK_FALSE(fetch({.url = url(server.port(), "/hello")}, settings));
    CHECK(fetch({.url = url(server.port(), "/hello", "localhost")}, settings));
}

TEST_CASE("a name that does not resolve or not in time was never sent") {
    const auto failing = std::make_shared<ScriptedResolver>(
        std::vector<Result<Addresses>>{tollgate::fail(ErrorCode::unavailable, "no such name")});
    const auto failed = fetch({.url = "http://none.example/"}, internal(), failing);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::unavailable);

    const auto silent = std::make_shared<SilentResolver>();
    const auto client = Client::make({.plain_http = any_host, .connect_timeout = 100ms}, silent);
    const IoThreads threads{1};
    const auto late = await_on(threads, client->fetch({.url = "http://slow.example/", .timeout = 60s}));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == ErrorCode::unavailable);
    CHECK(late.error().detail == "the host slow.example was not resolved in time");
    // The abandoned lookup holds its thread until it is answered.
    silent->waiting.clear();
}

TEST_CASE("a handler may call out") {
    const Server inner = start(echo_router());
    const auto client = Client::make(internal());
    Router router;
    router.add(Method::get, "/relay", [&](Request) -> awaitable<Response> {
        auto response = co_await client->fetch({.url = url(inner.port(), "/hello")});
        if (!response) co_return tollgate::http::to_response(response.error());
        co_return tollgate::http::plain(response->status, "inner said " + response->body);
    });
    const Server outer = start(std::move(router));
    RawConnection peer{outer.port()};
    peer.send(get("/relay"));
    CHECK(body_of(peer.read_message()) == "inner said hello");
}

TEST_CASE("many calls run beside each other on one thread") {
    const Server server = start(echo_router(), {.threads = 2});
    const auto client = Client::make(internal());
    const IoThreads threads{1};
    std::atomic<int> good = 0;
    const auto call = [&]() -> awaitable<void> {
        const auto response = co_await client->fetch({.url = url(server.port(), "/hello", "localhost")});
        if (response && response->body == "hello") ++good;
    };
    for (int i = 0; i < 200; ++i) tollgate::http::spawn(threads.executor(0), call(), "call");
    CHECK(wait_until([&] { return good == 200; }));
}
