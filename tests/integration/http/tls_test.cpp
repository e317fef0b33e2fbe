#include <chrono>

#include <catch2/catch.hpp>

#include "certificates.hpp"
#include "fixtures.hpp"
#include "http/client.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using tollgate::ErrorCode;
using tollgate::Result;
using tollgate::http::any_address;
using tollgate::http::Client;
using tollgate::http::ClientRequest;
using tollgate::http::ClientResponse;
using tollgate::http::IoThreads;
using tollgate::http::Method;
using tollgate::http::Server;
using tollgate::http::was_never_sent;
using namespace std::chrono_literals;
using namespace tollgate::test;

namespace {

Server serve(const Authority::Files& files, tollgate::http::ServerLimits limits = {}) {
    return start(echo_router(), {.limits = limits,
                                 .tls = tollgate::http::TlsSettings{.certificate_file = files.certificate,
                                                                    .key_file = files.key}});
}

Result<ClientResponse> fetch(const Server& server, const std::string& host, const std::string& ca_file,
                             ClientRequest request = {}) {
    const auto client = Client::make({.addresses = any_address, .ca_file = ca_file});
    if (!client) throw std::runtime_error{client.error().text()};
    request.url =
        fmt::format("https://{}:{}/{}", host, server.port(), request.body.empty() ? "hello" : "echo");
    const IoThreads threads{1};
    return await_on(threads, client->fetch(std::move(request)));
}

}  // namespace

TEST_CASE("TLS with a certificate of a trusted authority for that name is good") {
    Authority authority;
    const Server server = serve(authority.issue("server", "DNS:localhost"));
    const auto small = fetch(server, "localhost", authority.ca_file());
    REQUIRE(small);
    CHECK(small->body == "hello");
    const std::string large(900'000, 'x');
    const auto echoed =
        fetch(server, "localhost", authority.ca_file(), {.method = Method::post, .body = large});
    REQUIRE(echoed);
    CHECK(echoed->body == large);
}

TEST_CASE("TLS with an address checks the address") {
    Authority authority;
    const Server server = serve(authority.issue("server", "IP:127.0.0.1"));
    CHECK(fetch(server, "127.0.0.1", authority.ca_file()));
    CHECK_FALSE(fetch(server, "localhost", authority.ca_file()));
}

TEST_CASE("TLS with an authority that nobody trusts is refused before anything is sent") {
    Authority authority;
    Authority other;
    const Server server = serve(authority.issue("server", "DNS:localhost"));
    for (const std::string& ca_file : {std::string{}, other.ca_file()}) {
        const auto response = fetch(server, "localhost", ca_file);
        REQUIRE_FALSE(response);
        CHECK(response.error().code == ErrorCode::unavailable);
        CHECK(was_never_sent(response.error()));
        INFO(response.error().detail);
        CHECK(response.error().detail.find("certificate") != std::string::npos);
    }
}

TEST_CASE("TLS with a certificate for another name is refused before anything is sent") {
    Authority authority;
    const auto name = GENERATE("DNS:example.com", "DNS:localhost.example.com", "IP:127.0.0.1", "DNS:local*");
    INFO(name);
    const Server server = serve(authority.issue("server", name));
    const auto response = fetch(server, "localhost", authority.ca_file());
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::unavailable);
    CHECK(response.error().detail.ends_with("hostname mismatch"));
}

TEST_CASE("a renewed certificate is served without a restart and a broken one is not") {
    Authority old_authority;
    Authority new_authority;
    const auto files = old_authority.issue("server", "DNS:localhost");
    const Server server = serve(files);
    CHECK(fetch(server, "localhost", old_authority.ca_file()));

    const auto renewed = new_authority.issue("server", "DNS:localhost");
    std::filesystem::copy_file(renewed.certificate, files.certificate,
                               std::filesystem::copy_options::overwrite_existing);
    // Between the two files the pair does not fit: the old one goes on being served.
    CHECK(fetch(server, "localhost", old_authority.ca_file()));
    std::filesystem::copy_file(renewed.key, files.key, std::filesystem::copy_options::overwrite_existing);
    CHECK(wait_until([&] { return fetch(server, "localhost", new_authority.ca_file()).has_value(); }));
}

TEST_CASE("when a certificate ends is told at the start and when it was renewed") {
    using std::chrono::system_clock;
    Authority authority;
    const auto files = authority.issue("server", "DNS:localhost");
    std::atomic<int> told = 0;
    std::atomic<tollgate::Timestamp> end = tollgate::Timestamp::min();
    tollgate::http::TlsSettings tls{files.certificate, files.key};
    tls.taken_up = [&](tollgate::Timestamp at) {
        end = at;
        ++told;
    };
    const auto server = Server::start({.tls = tls}, echo_router());
    REQUIRE(server);
    CHECK(told == 1);
    CHECK(end.load() > system_clock::now() + 50min);
    CHECK(end.load() < system_clock::now() + 70min);

    const auto renewed = authority.issue("renewed", "DNS:localhost");
    for (const auto& [from, to] :
         {std::pair{renewed.certificate, files.certificate}, {renewed.key, files.key}})
        std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    CHECK(wait_until([&] {
        RawConnection connection{server->port()};
        return told == 2;
    }));
}

TEST_CASE("a server whose certificate cannot be used does not start") {
    Authority authority;
    const auto first = authority.issue("first", "DNS:localhost");
    const auto second = authority.issue("second", "DNS:localhost");
    const std::vector<tollgate::http::TlsSettings> pairs{{"/none.pem", first.key},
                                                         {first.certificate, "/none.key"},
                                                         {first.key, first.key},
                                                         {first.certificate, second.key}};
    for (const auto& pair : pairs) {
        INFO(pair.certificate_file << " and " << pair.key_file);
        const auto server = Server::start({.tls = pair}, echo_router());
        REQUIRE_FALSE(server);
        CHECK(server.error().code == ErrorCode::misconfigured);
        CHECK(server.error().detail.find(pair.certificate_file) != std::string::npos);
    }
}

TEST_CASE("a client whose authorities cannot be read is not made") {
    const auto client = Client::make({.ca_file = "/none.pem"});
    REQUIRE_FALSE(client);
    CHECK(client.error().code == ErrorCode::misconfigured);
}

TEST_CASE("a peer that never begins or never ends its TLS costs no more than its deadlines") {
    Authority authority;
    Server server = serve(authority.issue("server", "DNS:localhost"), {.header_timeout = 200ms});
    RawConnection silent{server.port()};
    CHECK(silent.read_to_end().empty());
    RawConnection plain{server.port()};
    plain.send(get());
    plain.read_to_end();
    CHECK(wait_until([&] { return server.connections() == 0; }));
    CHECK(fetch(server, "localhost", authority.ca_file()));
    CHECK(server.stop(10s) == 0);
}

TEST_CASE("a drain does not wait for a connection that was opened and never began its TLS") {
    Authority authority;
    Server server = serve(authority.issue("server", "DNS:localhost"));
    RawConnection silent{server.port()};
    REQUIRE(wait_until([&] { return server.connections() == 1; }));
    const auto begun = std::chrono::steady_clock::now();
    CHECK(server.stop(4s) == 0);
    CHECK(std::chrono::steady_clock::now() - begun < 3s);
    CHECK(silent.read_to_end().empty());
}
