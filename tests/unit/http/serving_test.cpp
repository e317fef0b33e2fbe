// What an address may have of a server, and that it is given back.
#include "http/serving.hpp"

#include <list>

#include <catch2/catch.hpp>

using namespace tollgate::http;

namespace {

IpAddress address(std::string_view text) {
    return *IpAddress::parse(text);
}

const IpAddress one = address("192.0.2.1");
const IpAddress other = address("192.0.2.2");

}  // namespace

TEST_CASE("the use of an address is one for all who hold it, and forgotten with the last") {
    AddressUses uses;
    auto first = uses.of(address("2001:db8:1:2::1"));
    const auto same = uses.of(address("2001:db8:1:2:ffff::9"));
    CHECK(first == same);
    CHECK(first != uses.of(address("2001:db8:1:3::1")));
    CHECK(uses.of(one) == uses.of(address("::ffff:192.0.2.1")));
    CHECK(uses.size() == 1);
    first.reset();
    CHECK(uses.size() == 1);
    first = uses.of(one);
    first.reset();
    CHECK(uses.size() == 1);
}

TEST_CASE("an address has its own limit of connections, and leaves the rest to others") {
    Serving serving;
    serving.limits.connections_max = 4;
    serving.limits.connections_per_address_max = 2;
    std::list<ConnectionPlace> places;
    const auto limit_of = [&](const IpAddress& peer) { return places.emplace_back(serving, peer).limit(); };
    CHECK(limit_of(one) == Limit::none);
    CHECK(limit_of(one) == Limit::none);
    CHECK(limit_of(one) == Limit::connections_per_address);
    CHECK(limit_of(other) == Limit::none);
    CHECK(limit_of(other) == Limit::none);
    CHECK(limit_of(address("192.0.2.3")) == Limit::connections);
    CHECK_FALSE(places.back().is_silent());
    CHECK(serving.served == 4);
    CHECK(serving.connections == 6);
    // One makes way, or ends.
    places.back().admit();
    CHECK(places.back().limit() == Limit::none);
    CHECK(serving.served == 5);
    places.clear();
    CHECK(serving.served == 0);
    CHECK(serving.connections == 0);
    CHECK(serving.addresses.size() == 0);
    CHECK(limit_of(one) == Limit::none);
}

TEST_CASE("who is told that a limit is met is limited too, and no address has all of that") {
    Serving serving;
    serving.limits.connections_max = 100;
    serving.limits.connections_per_address_max = 1;
    std::list<ConnectionPlace> places;
    int told = 0;
    places.emplace_back(serving, one);
    for (int i = 0; i < 30; ++i) told += places.emplace_back(serving, one).is_silent() ? 0 : 1;
    CHECK(told == 8);
    CHECK(places.emplace_back(serving, other).limit() == Limit::none);
}

TEST_CASE("a trusted proxy is no sender") {
    Serving serving;
    serving.limits.connections_per_address_max = 1;
    serving.trusted_proxies = *TrustedProxies::parse("192.0.2.1");
    std::list<ConnectionPlace> places;
    for (int i = 0; i < 3; ++i) {
        CHECK(places.emplace_back(serving, one).limit() == Limit::none);
        CHECK(places.back().use() == nullptr);
    }
}

TEST_CASE("bodies count for all and for their address until they are answered") {
    Serving serving;
    serving.limits.bodies_bytes_max = 100;
    serving.limits.bodies_bytes_per_address_max = 40;
    const auto mine = serving.addresses.of(one);
    const auto theirs = serving.addresses.of(other);
    {
        BodyShare first{serving, mine.get()};
        CHECK(first.grow_to(30) == Limit::none);
        CHECK(first.grow_to(20) == Limit::none);
        BodyShare second{serving, mine.get()};
        CHECK(second.grow_to(10) == Limit::none);
        CHECK(second.grow_to(11) == Limit::bodies_bytes_per_address);
        BodyShare of_others{serving, theirs.get()};
        CHECK(of_others.grow_to(40) == Limit::none);
        BodyShare of_a_proxy{serving, nullptr};
        CHECK(of_a_proxy.grow_to(19) == Limit::none);
        CHECK(of_a_proxy.grow_to(20) == Limit::bodies_bytes);
    }
    CHECK(serving.bodies_bytes == 0);
    CHECK(mine->bodies_bytes == 0);
    CHECK(theirs->bodies_bytes == 0);
}

TEST_CASE("limits are called as the settings call them") {
    CHECK(name(Limit::connections) == "connections_max");
    CHECK(name(Limit::bodies_bytes_per_address) == "bodies_bytes_per_address_max");
}
