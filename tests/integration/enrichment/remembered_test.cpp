// Who was erased is remembered for as long as an event of theirs may come, and nobody can read who that was.
#include <catch2/catch.hpp>

#include "consumer/erased.hpp"
#include "erasing.hpp"

using namespace tollgate;
using namespace tollgate::test;
using postgres::Transaction;

TEST_CASE("an erasure is forgotten when nothing is stored any more of before, and not earlier") {
    EnrichmentByJournal world;
    postgres::Connection owner = world.pipeline().owner();
    postgres::Connection enrichment = open(world.pipeline().settings("enrichment"));
    const auto forget = [&](std::int64_t most = 100) {
        return must(
            transact(enrichment, [&](Transaction& tx) { return consumer::forget_erasures(tx, most); }));
    };
    const auto age = [&](int days) {
        owner.execute("update consumer.erasure set received_until = now() - $1 * interval '1 day'", days);
    };
    erase(world, customer("cus_1"));
    CHECK(forget() == 0);
    age(34);
    CHECK(forget() == 0);
    age(36);
    owner.execute("select archive.make_day(current_date - 37)");
    CHECK(forget() == 0);
    owner.execute("update consumer.erasure set received_until = 'infinity'");
    CHECK(forget() == 0);
    CHECK(world.count("consumer.erased_name") == 1);
    age(39);
    // Not done, and its bytes outlive their day.
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    const auto lies = [&](const std::string& state, const Uuid& tenant, int days) {
        owner.execute(
            "insert into consumer.work (consumer, message_id, tenant, state, reason, topic, value, hold, "
            "due_at) "
            "values ('billing', consumer.first_id_at(now() - $3 * interval '1 day'), $2, $1, 'a reason', "
            "'payment', 'ada', case $1 when 'held' then 'unmapped' end, case $1 when 'retrying' then now() "
            "end)",
            state, tenant, days);
    };
    for (const char* state : {"dead", "held", "retrying"}) {
        lies(state, shop_tenant, 40);
        CHECK(forget() == 0);
        owner.execute("delete from consumer.work");
    }
    lies("dead", make_uuid_v7(), 40);
    lies("dead", shop_tenant, 38);
    CHECK(forget(0) == 0);
    CHECK(forget() == 2);
    CHECK(world.count("consumer.erasure") == 0);
    CHECK(world.count("consumer.erased_name") == 0);
    // By who goes on beside events.
    erase(world, customer("cus_1"));
    age(39);
    const auto process = world.start();
    CHECK(comes_true([&] { return world.count("consumer.erasure") == 0; }));
}

TEST_CASE("what is remembered of erased customers no role reads, and no name is in it") {
    EnrichmentByJournal world;
    erase(world, customer("cus_1"));
    CHECK(world.count("consumer.erased_name where position('cus_1'::bytea in hash) > 0 or "
                      "hash = sha256('cus_1')") == 0);
    for (const std::string role : {"operator", "console", "enrichment", "delivery", "billing"}) {
        postgres::Connection connection = open(world.pipeline().settings(role));
        for (const std::string sql :
             {"select from consumer.erased_name", "select key from consumer.erasure_key",
              "select pseudonym from consumer.erasure"}) {
            CAPTURE(role, sql);
            CHECK_THROWS_AS(connection.execute(sql), postgres::SqlError);
        }
    }
}
