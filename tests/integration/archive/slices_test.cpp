#include <catch2/catch.hpp>

#include "archive/days.hpp"
#include "fixtures.hpp"

using namespace tollgate;
using archive::Event;
using test::Archive;
using test::events_of_request;
using test::id_at;
using test::midnight;
using test::must;

namespace {

std::string body_of(Archive& archive, const Uuid& id) {
    return must(archive.read({id})).at(0).body;
}

// What the table says to them.
ErrorCode refusal(Archive& archive, const std::vector<Event>& events) {
    const auto written = archive.write(events);
    REQUIRE_FALSE(written.has_value());
    return written.error().code;
}

}  // namespace

TEST_CASE("the bytes of a request of several events are stored once, and each event has its own") {
    Archive archive;
    const auto ids = archive::make_ids_of_one_day(4);
    std::string body = "[one,two,";
    body += std::string{"\0\xFF", 2} + std::string(5000, 'x') + "]";
    const auto request = events_of_request(ids, body, {{1, 3}, {5, 3}, {9, 5002}, {0, 0}});
    must(archive.write(request));

    const auto read = must(archive.read(ids));
    REQUIRE(read.size() == 4);
    for (std::size_t i = 0; i < read.size(); ++i) {
        CAPTURE(i);
        Event expected = request[i];
        expected.body = body.substr(static_cast<std::size_t>(expected.slice->offset),
                                    static_cast<std::size_t>(expected.slice->length));
        CHECK(read[i] == expected);
    }
    // Without the first among those asked.
    CHECK(body_of(archive, ids[1]) == "two");

    const auto [bodies, headers, bytes] =
        test::open(archive.owner())
            .execute("select count(body), count(headers), sum(octet_length(body)) from archive.event")
            .only()
            .as<std::int64_t, std::int64_t, std::int64_t>();
    CHECK(bodies == 1);
    CHECK(headers == 1);
    CHECK(bytes == static_cast<std::int64_t>(body.size()));
}

TEST_CASE("a day's first event can have the bytes of its last") {
    Archive archive;
    const Uuid first = first_uuid_v7_at(midnight(1));
    const Uuid last = id_at(midnight(2) - std::chrono::milliseconds{1});
    must(archive.write(events_of_request({first, last}, "ab", {{0, 1}, {1, 1}})));
    CHECK(body_of(archive, last) == "b");
}

TEST_CASE("a slice of what is not there is an error, and not an event without its bytes") {
    Archive archive;
    const auto ids = archive::make_ids_of_one_day(2);
    const auto request = events_of_request(ids, "0123456789", {{0, 5}, {5, 6}});
    SECTION("the first is missing") {
        must(archive.write({request[1]}));
    }
    SECTION("its bytes are too few") {
        must(archive.write(request));
    }
    SECTION("it is another tenant's") {
        auto of_two_tenants = events_of_request(ids, "0123456789", {{0, 5}, {5, 5}});
        of_two_tenants[1].tenant = make_uuid_v7();
        must(archive.write(of_two_tenants));
    }
    const auto read = archive.read(ids);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::internal);
    CHECK_THAT(read.error().detail,
               Catch::StartsWith("event " + ids[1].text() + " is a slice of " + ids[0].text()));
}

TEST_CASE("the table takes no event whose bytes cannot be found") {
    Archive archive;
    const Uuid first = id_at(midnight(1));
    const Uuid second = id_at(midnight(1) + std::chrono::seconds{1});
    SECTION("beyond its own") {
        CHECK(refusal(archive, events_of_request({first}, "0123", {{1, 4}})) == ErrorCode::bad_data);
    }
    SECTION("beyond any number") {
        CHECK(refusal(archive, events_of_request({first}, "0123", {{INT32_MAX, INT32_MAX}})) ==
              ErrorCode::bad_data);
    }
    SECTION("before the beginning") {
        CHECK(refusal(archive, events_of_request({first}, "0123", {{-1, 2}})) == ErrorCode::bad_data);
        CHECK(refusal(archive, events_of_request({first}, "0123", {{1, -1}})) == ErrorCode::bad_data);
    }
    SECTION("of another day") {
        const Uuid before = id_at(midnight(1) - std::chrono::milliseconds{1});
        CHECK(refusal(archive, events_of_request({before, first}, "ab", {{0, 1}, {1, 1}})) ==
              ErrorCode::bad_data);
    }
    SECTION("of a later event") {
        CHECK(refusal(archive, events_of_request({second, first}, "ab", {{0, 1}, {1, 1}})) ==
              ErrorCode::bad_data);
    }
    CHECK(must(archive.read({first, second})).empty());
}

TEST_CASE("a row has its bytes, or says where they are, and not both") {
    Archive archive;
    postgres::Connection owner = test::open(archive.owner());
    const Uuid id = id_at(midnight());
    const auto refused = [&](const std::string& columns, const std::string& values) {
        const auto inserted = transact(owner, [&](postgres::Transaction& tx) {
            tx.execute("insert into archive.event (id, tenant, source, provider, type, " + columns +
                           ") values ($1, $1, 'shop', 'stripe', 'ping', " + values + ")",
                       id);
        });
        return !inserted && inserted.error().code == ErrorCode::bad_data;
    };
    const auto before = "'" + first_uuid_v7_at(midnight()).text() + "'";
    CHECK(refused("headers", "null"));
    CHECK(refused("headers", "'h'"));
    CHECK(refused("body", "'b'"));
    CHECK(refused("headers, body, body_of", "'h', 'b', $1"));
    CHECK(refused("headers, body, body_length", "'h', 'b', 1"));
    CHECK(refused("headers, body, body_of, body_offset, body_length", "'h', 'b', " + before + ", 0, 1"));
    CHECK(refused("body_of, body_offset, body_length", "$1, 0, 1"));
    CHECK_FALSE(refused("body_of, body_offset, body_length", before + ", 0, 1"));
}
