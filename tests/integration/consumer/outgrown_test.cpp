// Tables that have outgrown what the planner knows of them.
#include <catch2/catch.hpp>

#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;

TEST_CASE("a table that a flood has filled is analyzed before autovacuum looks") {
    JournalWorld world;
    make_trial_tables(world);
    postgres::Connection owner = open(world.owner());
    owner.execute_script(
        "create table flood with (autovacuum_enabled = off) as select from generate_series(1, 9000)");
    const auto known_rows = [&] {
        return owner.execute("select reltuples::bigint from pg_class where relname = 'flood'")
            .only()
            .get<std::int64_t>(0);
    };
    CHECK(known_rows() == -1);
    const Running running{world.member()};
    CHECK(comes_true([&] { return known_rows() == 9000; }));
    const auto is_one_outgrown = [&] {
        return owner.execute("select consumer.analyze_outgrown()").only().get<bool>(0);
    };
    CHECK(comes_true([&] { return !is_one_outgrown(); }));
    owner.execute("insert into flood select from generate_series(1, 9000)");
    CHECK_FALSE(is_one_outgrown());
    owner.execute("insert into flood select from generate_series(1, 63000)");
    CHECK(comes_true([&] { return known_rows() > 70000; }));
}
