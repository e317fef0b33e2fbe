// What tenants enter does not lead into our own network: by name, by address, by redirect, or by a name that
// changes its mind.
#include <catch2/catch.hpp>

#include "calling.hpp"
#include "support/raw_socket.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace std::chrono_literals;
using test::bot_in;
using test::Caller;
using test::message_of;
using test::webhook_at;

namespace {

const std::string some_event = "payment_failed";

// A client as in production: nothing is internal.
Caller outward(std::map<std::string, std::vector<std::string>> names = {}) {
    return Caller{SlackConfig{.call_timeout = 2s}, std::make_shared<test::NamedAddresses>(std::move(names))};
}

void check_refused(Caller& caller, const std::string& url) {
    CAPTURE(url);
    const auto checked = caller.check(url);
    REQUIRE_FALSE(checked.has_value());
    CHECK_THAT(checked.error().detail, !Catch::Contains("s3cr3t"));
    const Outcome sent = caller.send(webhook_at(url), message_of(some_event));
    CHECK(sent.kind == OutcomeKind::reconnect);
    CHECK_THAT(sent.reason, !Catch::Contains("s3cr3t"));
}

}  // namespace

TEST_CASE("names that lead inward are refused when they are entered and when they are called") {
    for (const std::string address :
         {"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
          "::1", "fe80::1", "fd00:ec2::254", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
          "2002:a00:1::", "224.0.0.1", "255.255.255.255"}) {
        CAPTURE(address);
        Caller caller = outward({{"hooks.example.com", {address}}});
        check_refused(caller, "https://hooks.example.com/s3cr3t");
        CHECK(caller.check("https://hooks.example.com/s3cr3t").error().code == ErrorCode::forbidden);
    }
}

TEST_CASE("addresses in the URL are judged like names, however they are written") {
    const test::RawListener inside;
    Caller caller{SlackConfig{.call_timeout = 2s}};
    for (const std::string host : {"127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]",
                                   "[::ffff:127.0.0.1]", "localhost", "169.254.169.254"})
        check_refused(caller, fmt::format("https://{}:{}/s3cr3t", host, inside.port()));
    CHECK_FALSE(inside.has_connection(0ms));
}

TEST_CASE("a name that leads inward only when it is called is not called") {
    const test::RawListener inside;
    Caller caller = outward({{"hooks.example.com", {"93.184.215.14", "127.0.0.1"}}});
    const std::string url = fmt::format("https://hooks.example.com:{}/s3cr3t", inside.port());
    CHECK(caller.check(url).has_value());
    CHECK(caller.send(webhook_at(url), message_of(some_event)).kind == OutcomeKind::reconnect);
    CHECK_FALSE(inside.has_connection(0ms));
}

TEST_CASE("a webhook is called over TLS, without credentials in its URL, or not at all") {
    Caller caller =
        outward({{"hooks.example.com", {"93.184.215.14"}}, {"Hooks.Example.com", {"93.184.215.14"}}});
    for (const std::string url :
         {"http://hooks.example.com/s3cr3t", "https://me:s3cr3t@hooks.example.com/x",
          "ftp://hooks.example.com/", "https:///s3cr3t", "https://hooks.example.com:0/s3cr3t",
          "https://hooks.example.com:70000/s3cr3t", "https://hooks.example.com\r\nX: y/s3cr3t"})
        check_refused(caller, url);
    CHECK(caller.check("https://Hooks.Example.com:443/s3cr3t") == "hooks.example.com");
    CHECK(caller.check("https://hooks.example.com:8443/s3cr3t") == "hooks.example.com:8443");
}

TEST_CASE("only hosts that the operator named are called at private addresses, and without TLS") {
    test::SlackRecorder slack;
    const std::string url = slack.webhook("billing");
    const std::string by_name = "http://localhost" + url.substr(url.find(':', 7));
    Caller caller{SlackConfig{.internal_hosts = " slack.internal ,LocalHost"}};
    CHECK_THAT(caller.check(by_name).value(), Catch::StartsWith("localhost:"));
    CHECK(caller.send(webhook_at(by_name), message_of(some_event)).kind == OutcomeKind::delivered);
    check_refused(caller, url);
    CHECK(slack.calls().size() == 1);
}

TEST_CASE("where the Web API leads is no fault of the tenant's") {
    Caller caller = outward({{"slack.com", {"10.0.0.1"}}});
    const Outcome outcome = caller.send(bot_in("C1", "xoxb-s3cr3t"), message_of(some_event));
    CHECK(outcome.kind == OutcomeKind::retry);
    CHECK_THAT(outcome.reason, Catch::Contains("slack.com") && !Catch::Contains("s3cr3t"));
}
