// Retention with consumers that have had so many events of a day that looking whether they got them all takes
// long.
#include <algorithm>

#include <catch2/catch.hpp>

#include "core/clock.hpp"
#include "fixtures.hpp"
#include "ingress/retention.hpp"

using namespace tollgate;
using test::Ingress;
using test::request;

TEST_CASE("to look whether a day is needed may take longer than other statements") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress")};
    auto events = request({.id = "1", .content = "1"});
    const Uuid first = first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{8});
    std::copy_n(first.bytes.begin(), 6, events[0].event.id.bytes.begin());
    REQUIRE(ingress.commit(events).has_value());
    test::open(database.owner())
        .execute_script(
            "truncate journal.entry; select consumer.register_consumer('billing', 'payment', false);"
            "create or replace function consumer.needs_day(day date) returns text language plpgsql "
            "security definer set search_path = pg_catalog, pg_temp as "
            "$$ begin perform pg_sleep(4); return null; end $$");
    postgres::ConnectionSettings settings = database.service("ingress");
    settings.statement_timeout = std::chrono::seconds{3};
    postgres::Connection connection = test::open(settings);
    const auto swept = ingress::sweep(connection, {.horizon_days = 7}, {});
    REQUIRE(swept.has_value());
    CHECK(swept->days_dropped == 1);
}
