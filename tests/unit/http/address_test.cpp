#include "http/address.hpp"

#include <catch2/catch.hpp>

#include "http/address_policy.hpp"

using tollgate::ErrorCode;
using tollgate::http::any_address;
using tollgate::http::IpAddress;
using tollgate::http::IpNetwork;
using tollgate::http::public_addresses_only;

TEST_CASE("addresses are read strictly and printed in their short form") {
    CHECK(IpAddress::parse("203.0.113.7")->text() == "203.0.113.7");
    CHECK(IpAddress::parse("2001:DB8:0:0::7")->text() == "2001:db8::7");
    for (const char* text : {"", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "1.2.3.256", "[::1]",
                             "fe80::1%eth0", " 1.2.3.4", "host"}) {
        INFO(text);
        CHECK_FALSE(IpAddress::parse(text));
    }
    CHECK_FALSE(IpAddress::parse(std::string_view{"1.2.3.4\0x", 9}));
}

TEST_CASE("a mapped address is the IPv4 address that it maps") {
    CHECK(IpAddress::parse("::ffff:10.1.2.3")->unmapped() == *IpAddress::parse("10.1.2.3"));
    CHECK(IpAddress::parse("2001:db8::1")->unmapped() == *IpAddress::parse("2001:db8::1"));
}

TEST_CASE("a sender is an IPv4 address, or an IPv6 network of 64 bits") {
    const auto sender = [](std::string_view text) { return IpAddress::parse(text)->sender_network().text(); };
    CHECK(sender("203.0.113.7") == "203.0.113.7");
    CHECK(sender("::ffff:203.0.113.7") == "203.0.113.7");
    CHECK(sender("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::");
}

TEST_CASE("a network contains what shares its prefix") {
    const auto network = IpNetwork::parse("172.16.0.0/12");
    CHECK(network->contains(*IpAddress::parse("172.31.255.255")));
    CHECK_FALSE(network->contains(*IpAddress::parse("172.32.0.0")));
    CHECK_FALSE(network->contains(*IpAddress::parse("::ffff:172.16.0.1")));
    CHECK(IpNetwork::parse("0.0.0.0/0")->contains(*IpAddress::parse("8.8.8.8")));
    CHECK(IpNetwork::parse("fc00::/7")->contains(*IpAddress::parse("fdff::1")));
    CHECK(IpNetwork::parse("192.0.2.1")->contains(*IpAddress::parse("192.0.2.1")));
    CHECK_FALSE(IpNetwork::parse("192.0.2.1")->contains(*IpAddress::parse("192.0.2.2")));
    for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10/8", "::/129"}) {
        INFO(text);
        CHECK_FALSE(IpNetwork::parse(text));
    }
}

TEST_CASE("only public addresses may be called by what a tenant configures") {
    const auto text =
        GENERATE("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
                 "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
                 "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
                 "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1",
                 "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
                 "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
                 "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1",
                 "3fff::1", "5f00::1", "fc00::1", "fdff:ffff::1", "fe80::1", "fec0::1", "ff02::1", "4000::1");
    INFO(text);
    const auto verdict = public_addresses_only(*IpAddress::parse(text));
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().code == ErrorCode::forbidden);
    CHECK(any_address(*IpAddress::parse(text)));
}

TEST_CASE("what borders on the refused ranges is public") {
    const auto text =
        GENERATE("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                 "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
                 "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                 "::ffff:8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1");
    INFO(text);
    CHECK(public_addresses_only(*IpAddress::parse(text)));
}

TEST_CASE("a refusal names the address and the reason") {
    CHECK(public_addresses_only(*IpAddress::parse("169.254.169.254")).error().detail ==
          "the address 169.254.169.254 is not public (link-local)");
    CHECK(public_addresses_only(*IpAddress::parse("::ffff:10.0.0.1")).error().detail ==
          "the address ::ffff:10.0.0.1 is not public (private)");
}
