#include "load/traffic.hpp"

#include <map>
#include <set>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"

using namespace tollgate;
using namespace tollgate::load;

namespace {

const std::string secret = "whsec_made_up_for_this";
constexpr std::chrono::sys_seconds signed_at{std::chrono::seconds{1'790'000'000}};

TrafficSettings settings(std::size_t requests) {
    return {.host = "127.0.0.1:8080",
            .path = "/v1/in/acme/stripe",
            .secret = Secret{secret},
            .requests = requests,
            .signed_at = signed_at};
}

struct Parts {
    std::string head;
    std::string body;
};

Parts request(const Traffic& traffic, std::size_t number) {
    std::string text;
    traffic.append(number, text);
    const std::size_t end = text.find("\r\n\r\n");
    return {.head = text.substr(0, end + 2), .body = text.substr(end + 4)};
}

std::string header(const std::string& head, const std::string& name) {
    const std::size_t begin = head.find("\r\n" + name + ": ") + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string id_of(const std::string& body) {
    return std::string{boost::json::parse(body).at("id").as_string()};
}

}  // namespace

TEST_CASE("each request is signed as Stripe signs") {
    const Traffic traffic{settings(50)};
    for (std::size_t i = 0; i < traffic.size(); ++i) {
        const auto [head, body] = request(traffic, i);
        CHECK(head.starts_with("POST /v1/in/acme/stripe HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
        const auto mac = crypto::hmac(crypto::HmacHash::sha256, Secret{secret}, "1790000000." + body);
        REQUIRE(mac);
        CHECK(header(head, "Stripe-Signature") == "t=1790000000,v1=" + crypto::hex_encode(*mac));
        CHECK(header(head, "Content-Length") == std::to_string(body.size()));
    }
}

TEST_CASE("bodies are JSON of exactly the size that was asked for") {
    const std::size_t bytes = GENERATE(200UZ, 999UZ, 1024UZ, 1025UZ, 4096UZ, 16384UZ);
    TrafficSettings wanted = settings(20);
    wanted.body_bytes = bytes;
    const Traffic traffic{wanted};
    for (std::size_t i = 0; i < traffic.size(); ++i) {
        const std::string body = request(traffic, i).body;
        CHECK(body.size() == bytes);
        const auto event = boost::json::parse(body);
        CHECK(event.at("object") == "event");
        CHECK(event.at("data").at("object").at("created").as_int64() == 1'790'000'000);
    }
}

TEST_CASE("a size that no body has is refused") {
    TrafficSettings wanted = settings(1);
    wanted.body_bytes = StripeBody::bytes_min - 10;
    CHECK_THROWS_AS(Traffic{wanted}, std::invalid_argument);
    wanted.body_bytes = StripeBody::bytes_min;
    CHECK_NOTHROW(Traffic{wanted});
}

TEST_CASE("ids are unique, and others for another seed") {
    TrafficSettings wanted = settings(20'000);
    wanted.body_bytes = StripeBody::bytes_min;
    wanted.repeats = 0;
    std::set<std::string> ids;
    for (const std::uint64_t seed : {1U, 2U}) {
        wanted.seed = seed;
        const Traffic traffic{wanted};
        CHECK(traffic.events() == 20'000);
        std::string text;
        for (std::size_t i = 0; i < traffic.size(); ++i) {
            text.clear();
            traffic.append(i, text);
            ids.insert(text.substr(text.find("evt_"), 28));
        }
    }
    CHECK(ids.size() == 40'000);
}

TEST_CASE("a tenth of the requests repeats an earlier one byte by byte, not too soon") {
    TrafficSettings wanted = settings(20'000);
    wanted.body_bytes = StripeBody::bytes_min;
    wanted.repeats_after = 100;
    wanted.seed = 7;
    const Traffic traffic{wanted};
    std::map<std::size_t, std::size_t> first;  // request of each event
    std::size_t repeats = 0;
    for (std::size_t i = 0; i < traffic.size(); ++i) {
        const auto [known, is_new] = first.emplace(traffic.event_of(i), i);
        if (is_new) {
            CHECK(traffic.event_of(i) == first.size() - 1);
            continue;
        }
        ++repeats;
        CHECK(i - known->second > 100);
        const auto again = request(traffic, i);
        const auto before = request(traffic, known->second);
        CHECK(again.head == before.head);
        CHECK(again.body == before.body);
    }
    CHECK(traffic.events() == first.size());
    CHECK(repeats > 1'800);
    CHECK(repeats < 2'200);
}

TEST_CASE("bodies are not all of one pattern") {
    // A server that compressed a thousand of them together would find little that repeats in ids and amounts.
    const Traffic traffic{settings(100)};
    std::set<std::string> ids;
    std::set<std::string> customers;
    for (std::size_t i = 0; i < traffic.size(); ++i) {
        const std::string body = request(traffic, i).body;
        ids.insert(id_of(body));
        customers.emplace(boost::json::parse(body).at("data").at("object").at("customer_name").as_string());
    }
    CHECK(ids.size() == traffic.events());
    CHECK(customers.size() == traffic.events());
}
