#include "archive/bus_events.hpp"

#include <catch2/catch.hpp>

#include "archive/days.hpp"
#include "fixtures.hpp"

using namespace tollgate;
using archive::BusEvent;
using archive::BusLimits;
using test::Archive;
using test::event;
using test::must;

namespace {

// As the relay.
std::vector<std::optional<BusEvent>> read(const Archive& archive, const std::vector<Uuid>& ids,
                                          const BusLimits& limits = {}) {
    postgres::Connection connection = test::open(archive.settings("relay"));
    return archive::read_for_bus(connection, ids, limits);
}

archive::Event of_size(std::size_t bytes) {
    archive::Event one = event(make_uuid_v7());
    one.body = std::string(bytes, 'x');
    return one;
}

void make_days(const Archive& archive) {
    postgres::Connection connection = test::open(archive.settings());
    must(archive::make_days(connection, 1));
}

}  // namespace

TEST_CASE("an event is read for the bus with what it needs there") {
    Archive archive;
    make_days(archive);
    const archive::Event written = event(make_uuid_v7());
    archive::Event bare = event(make_uuid_v7());
    bare.provider_time.reset();
    bare.subject.reset();
    bare.ordering_key.reset();
    bare.content_type.reset();
    bare.traceparent.reset();
    bare.body.clear();
    REQUIRE(archive.write({written, bare}));
    const auto found = read(archive, {written.id, bare.id});
    REQUIRE(found.size() == 2);
    REQUIRE(found[0].has_value());
    CHECK(found[0]->id == written.id);
    CHECK(found[0]->tenant == written.tenant);
    CHECK(found[0]->source == written.source);
    CHECK(found[0]->provider == written.provider);
    CHECK(found[0]->type == written.type);
    CHECK(found[0]->provider_time == written.provider_time);
    CHECK(found[0]->subject == written.subject);
    CHECK(found[0]->ordering_key == written.ordering_key);
    CHECK(found[0]->content_type == written.content_type);
    CHECK(found[0]->traceparent == written.traceparent);
    CHECK(found[0]->length == static_cast<std::int64_t>(written.body.size()));
    CHECK(found[0]->body == written.body);
    REQUIRE(found[1].has_value());
    CHECK_FALSE(found[1]->provider_time);
    CHECK(found[1]->ordering_key.empty());
    CHECK(found[1]->body == "");
}

TEST_CASE("the order is that of the ids asked for and one that is not there leaves its place") {
    Archive archive;
    make_days(archive);
    const std::vector events{of_size(1), of_size(2)};
    REQUIRE(archive.write(events));
    const std::vector<Uuid> ids{events[1].id, make_uuid_v7(), events[0].id, events[1].id};
    const auto found = test::read_all(
        ids, [&](std::span<const Uuid> left) { return read(archive, {left.begin(), left.end()}); });
    REQUIRE(found.size() == 4);
    CHECK(found[0]->id == events[1].id);
    CHECK_FALSE(found[1].has_value());
    CHECK(found[2]->id == events[0].id);
    CHECK(found[3]->id == events[1].id);
}

TEST_CASE("events are read among others and behind one that is much older") {
    Archive archive;
    make_days(archive);
    std::vector<archive::Event> events;
    std::vector<Uuid> ids;
    for (int i = 0; i < 60; ++i) {
        events.push_back(of_size(static_cast<std::size_t>(i)));
        if (i == 0 || i >= 40) ids.push_back(events.back().id);
    }
    REQUIRE(archive.write(events));
    // Of every second one, in another order than theirs.
    const std::vector<Uuid> some{ids[3], ids[1], ids[5], ids[9], ids[7]};
    const auto among = read(archive, some);
    REQUIRE(among.size() == some.size());
    for (std::size_t i = 0; i < some.size(); ++i) CHECK(among[i]->id == some[i]);
    // Too many others lie behind the first for all to be gone through: what is left is asked for again.
    const std::vector<Uuid> far{ids[0], ids[19], ids[18]};
    const auto first = read(archive, far);
    REQUIRE(first.size() == 1);
    CHECK(first[0]->body == "");
    const std::vector<Uuid> late{ids[19], ids[0], ids[18]};
    const auto all = read(archive, late);
    REQUIRE(all.size() == 3);
    for (std::size_t i = 0; i < late.size(); ++i) CHECK(all[i]->id == late[i]);
    CHECK(all[0]->length == 58);
}

TEST_CASE("an answer ends once its bodies are enough and goes on where it ended") {
    Archive archive;
    make_days(archive);
    std::vector<archive::Event> events;
    std::vector<Uuid> ids;
    for (int i = 0; i < 5; ++i) {
        events.push_back(of_size(100));
        ids.push_back(events.back().id);
    }
    REQUIRE(archive.write(events));
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 250}).size() == 3);
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 300}).size() == 3);
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 301}).size() == 4);
    // One at least, or nobody would ever get on.
    CHECK(read(archive, ids, {.body_max = 1000, .bytes_max = 1}).size() == 1);
    // What is not given is not counted.
    CHECK(read(archive, ids, {.body_max = 99, .bytes_max = 1}).size() == 5);
}

TEST_CASE("a body that is too long for the bus is told by its length") {
    Archive archive;
    make_days(archive);
    const archive::Event large = of_size(5000);
    REQUIRE(archive.write({large}));
    const auto found = read(archive, {large.id}, {.body_max = 4999, .bytes_max = 1000});
    REQUIRE(found.size() == 1);
    CHECK(found[0]->length == 5000);
    CHECK_FALSE(found[0]->body);
    CHECK(read(archive, {large.id}, {.body_max = 5000, .bytes_max = 1000})[0]->body == large.body);
}

TEST_CASE("a part of a request is read alone and its length is its own") {
    Archive archive;
    make_days(archive);
    const auto ids = archive::make_ids_of_one_day(2);
    REQUIRE(archive.write(test::events_of_request(ids, "onethree", {{0, 3}, {3, 5}})));
    const auto found = read(archive, {ids[1], ids[0]}, {.body_max = 5, .bytes_max = 1000});
    REQUIRE(found.size() == 2);
    CHECK(found[0]->body == "three");
    CHECK(found[0]->length == 5);
    CHECK(found[1]->body == "one");
}
