#include "archive/days.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using archive::Event;
using archive::make_day_of;
using archive::make_days;
using test::Archive;
using test::event;
using test::expected_days;
using test::id_at;
using test::midnight;
using test::must;

namespace {

// The greatest id of the millisecond.
Uuid last_id_at(Timestamp time) {
    Uuid id = first_uuid_v7_at(time);
    id.bytes[6] = 0x7F;
    id.bytes[7] = 0xFF;
    id.bytes[8] = 0xBF;
    std::fill(id.bytes.begin() + 9, id.bytes.end(), 0xFF);
    return id;
}

}  // namespace

TEST_CASE("days are made from yesterday on, and those that are there are left alone") {
    Archive archive;
    CHECK(archive.days() == expected_days(-1, 7));
    postgres::Connection connection = test::open(archive.settings());
    CHECK(must(make_days(connection, 7)) == 0);
    CHECK(must(make_days(connection, 9)) == 2);
    CHECK(archive.days() == expected_days(-1, 9));
    CHECK(must(make_days(connection, 0)) == 0);
    CHECK(must(make_days(connection, 30)) == 21);
    CHECK(archive.days() == expected_days(-1, 30));
    for (const int ahead : {-1, 31}) {
        const auto refused = make_days(connection, ahead);
        REQUIRE_FALSE(refused.has_value());
        CHECK_THAT(refused.error().detail, Catch::Contains("from 0 to 30 ahead"));
    }
}

TEST_CASE("a session's time zone does not move the days") {
    Archive archive;
    postgres::Connection connection = test::open(archive.settings());
    // In one of the two it is another date than in UTC, at any time.
    for (const char* zone : {"Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
        connection.execute_script(fmt::format("set time zone '{}'", zone));
        CHECK(must(make_days(connection, 8)) == (zone == std::string{"Pacific/Kiritimati"} ? 1 : 0));
        for (const int day : {-40, 30}) {
            must(make_day_of(connection, first_uuid_v7_at(midnight(day))));
            must(make_day_of(connection, last_id_at(midnight(day + 1) - std::chrono::milliseconds{1})));
        }
    }
    auto expected = expected_days(-40, -40);
    for (const auto& day : expected_days(-1, 8)) expected.push_back(day);
    expected.push_back(test::expected_day(30));
    CHECK(archive.days() == expected);
}

TEST_CASE("a day has the ids of its first millisecond and of its last") {
    Archive archive;
    for (const int day : {-1, 0, 7}) {
        const Uuid first = first_uuid_v7_at(midnight(day));
        const Uuid last = last_id_at(midnight(day + 1) - std::chrono::milliseconds{1});
        must(archive.write({event(first), event(last)}));
        CHECK(archive.table_of(first) == test::expected_day(day).table);
        CHECK(archive.table_of(last) == test::expected_day(day).table);
    }
    const auto outside = {last_id_at(midnight(-1) - std::chrono::milliseconds{1}),
                          first_uuid_v7_at(midnight(8))};
    for (const Uuid& id : outside) CHECK(archive.write({event(id)}).error().code == ErrorCode::unavailable);
}

TEST_CASE("a missing day is made when an event comes for it") {
    Archive archive;
    postgres::Connection connection = test::open(archive.settings());
    for (const int day : {-40, -5, 20, 30}) {
        const Event early = event(id_at(midnight(day) + std::chrono::hours{5}));
        const auto written = archive.write({early});
        REQUIRE_FALSE(written.has_value());
        CHECK(written.error().code == ErrorCode::unavailable);
        CHECK_THAT(written.error().detail, Catch::Contains("23514"));
        must(make_day_of(connection, early.id));
        must(make_day_of(connection, early.id));
        must(archive.write({early}));
        CHECK(must(archive.read({early.id})) == std::vector{early});
    }
    CHECK(archive.days().size() == 9 + 4);
}

TEST_CASE("no day is made for an id whose time cannot be") {
    Archive archive;
    postgres::Connection connection = test::open(archive.settings());
    Uuid latest;
    latest.bytes.fill(0xFF);
    const auto absurd = {id_at(midnight(-41)), id_at(midnight(31)), Uuid{}, latest, make_uuid_v4()};
    for (const Uuid& id : absurd) {
        CAPTURE(id.text());
        const auto made = make_day_of(connection, id);
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().code == ErrorCode::misconfigured);
        CHECK_THAT(made.error().detail, Catch::Contains("from 40 before to 30 after"));
    }
    CHECK(archive.days() == expected_days(-1, 7));
}

TEST_CASE("a day's table that takes no events is not taken for a day") {
    Archive archive;
    const auto day = test::expected_day(7);
    test::open(archive.owner())
        .execute_script(fmt::format("alter table archive.event detach partition archive.{}", day.table));
    postgres::Connection connection = test::open(archive.settings());
    const auto made = make_day_of(connection, day.first);
    REQUIRE_FALSE(made.has_value());
    CHECK_THAT(made.error().detail, Catch::Contains(day.table));
}
