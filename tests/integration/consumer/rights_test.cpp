// A role of the pipeline reaches the rows of its own consumers alone.
#include <catch2/catch.hpp>

#include "consumer/again.hpp"
#include "consumer/begun.hpp"
#include "consumer/bus.hpp"
#include "consumer/registration.hpp"
#include "postgres/error.hpp"
#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using consumer::register_consumer;

namespace {

// Two services with a row of everything each; which tables, and with what.
struct TwoServices {
    TwoServices() {
        for (const std::string name : {"enrichment", "billing"}) {
            postgres::Connection connection = open(world.settings(name));
            must(register_consumer(connection, {.name = name}));
            connection.execute("select consumer.make_days_of($1)", std::vector{id});
            connection.execute("insert into consumer.inbox values ($1, $2, $3)", name, id, tenant());
            connection.execute(
                "insert into consumer.work (consumer, message_id, tenant, state, reason, topic, value) "
                "values ($1, $2, $3, 'dead', 'it is', 'raw', 'bytes')",
                name, id, tenant());
            connection.execute(
                "insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, outcome, "
                "reason, "
                "build) values ($1, $2, $3, 1, 'stream', 'dead', 'it is', 'test')",
                id, name, tenant());
            must(consumer::begin_with(connection, {.consumer = name, .member = make_uuid_v4(), .build = ""},
                                      std::vector{id}, 0));
            connection.execute(
                "insert into consumer.position (consumer, topic, partition, epoch, cluster, next) "
                "values ($1, 'raw', 0, 1, 'here', 7)",
                name);
        }
    }

    JournalWorld world;
    Uuid id = make_uuid_v7();
};

const std::vector<std::string> tables{"inbox", "work", "attempt", "begun", "position"};

std::string failure(postgres::Connection& connection, const std::string& sql) {
    try {
        connection.execute(sql);
        return "none";
    } catch (const postgres::SqlError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("a service sees its own rows, and another's not even when it asks for all tenants") {
    const TwoServices two;
    const std::string tenants = GENERATE("", "*");
    postgres::Connection billing = open(two.world.settings("billing"));
    billing.execute("select set_config('tollgate.tenant', $1, false)", tenants);
    for (const std::string& table : tables) {
        CAPTURE(table);
        const auto rows = billing.execute("select consumer from consumer." + table);
        CHECK(rows.only().get<std::string>(0) == "billing");
        CHECK(count(two.world, "consumer." + table) == 1);
    }
}

TEST_CASE("a service changes no row of another's consumer, and makes none") {
    const TwoServices two;
    postgres::Connection enrichment = open(two.world.settings("enrichment"));
    enrichment.execute("select set_config('tollgate.tenant', '*', false)");
    const std::vector<std::string> changes{
        "update consumer.work set state = 'held', hold = 'x' where consumer = 'billing'",
        "delete from consumer.work where consumer = 'billing'",
        "update consumer.begun set message_ids = '{}' where consumer = 'billing'",
        "delete from consumer.begun where consumer = 'billing'",
        "update consumer.position set next = 1000 where consumer = 'billing'"};
    for (const std::string& change : changes) {
        CAPTURE(change);
        CHECK(enrichment.execute(change).affected() == 0);
    }
    const std::string mine = "'" + make_uuid_v7().text() + "'";
    const std::string work =
        "insert into consumer.work (consumer, message_id, tenant, state, reason, topic) values ";
    const std::string attempt =
        "insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, outcome, reason, build) "
        "values ";
    const std::string position =
        "insert into consumer.position (consumer, topic, partition, epoch, cluster, next) values ";
    const std::vector<std::string> makes{
        fmt::format("insert into consumer.inbox values ('billing', {0}, {0})", mine),
        fmt::format("{1} ('billing', {0}, {0}, 'dead', 'x', 'raw')", mine, work),
        fmt::format("update consumer.work set consumer = 'billing', message_id = {}", mine),
        fmt::format("{1} ({0}, 'billing', {0}, 1, 'stream', 'dead', 'x', '')", mine, attempt),
        fmt::format("select consumer.begin_with('billing', {0}, array[{0}]::uuid[], 2)", mine),
        "update consumer.position set consumer = 'billing', partition = 1",
        position +
            "('billing', 'raw', 0, 9, 'here', 1000) on conflict (consumer, topic, partition) do update "
            "set next = 1000"};
    for (const std::string& make : makes) {
        CAPTURE(make);
        CHECK_THAT(failure(enrichment, make), Catch::Contains("row-level security"));
    }
    postgres::Connection owner = open(two.world.owner());
    CHECK(owner.execute("select next from consumer.position where consumer = 'billing'")
              .only()
              .get<std::int64_t>(0) == 7);
}

TEST_CASE("what functions do for one consumer they do for its own service, and for operators") {
    const TwoServices two;
    postgres::Connection enrichment = open(two.world.settings("enrichment"));
    for (const std::string call : {"ask_for_refill('billing', 'why')", "refill('billing', 5)",
                                   "carry_on_replays('billing')", "refill('nobody', 5)"}) {
        CAPTURE(call);
        CHECK_THAT(failure(enrichment, "select consumer." + call),
                   Catch::Contains("is not one of role tollgate_enrichment"));
    }
    for (const std::string call : {"note_refill('billing', 'why')", "refill_step('enrichment', 5)",
                                   "replay_step('enrichment')", "retire_consumer('enrichment')"}) {
        CAPTURE(call);
        CHECK_THAT(failure(enrichment, "select consumer." + call), Catch::Contains("permission denied"));
    }
    CHECK(failure(enrichment, "select consumer.refill('enrichment', 5)") == "none");
    postgres::Connection operators = open(two.world.settings("operator"));
    CHECK(failure(operators, "select consumer.ask_for_refill('billing', 'why')") == "none");
    const tenants::Actor ada{.name = "ada", .role = tenants::Role::operator_};
    for (const std::string name : {"enrichment", "billing"}) {
        const auto replayed = must(transact(operators, [&](postgres::Transaction& tx) {
            return consumer::replay(tx, ada, name, std::vector{two.id}, "to see it work");
        }));
        CHECK(replayed.started == 1);
    }
}

TEST_CASE("a consumer is its role's: of the service of that name, or of who registered it first") {
    const JournalWorld world;
    postgres::Connection enrichment = open(world.settings("enrichment"));
    postgres::Connection billing = open(world.settings("billing"));
    // Before billing has ever been there.
    const auto taken = register_consumer(enrichment, {.name = "billing"});
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == ErrorCode::misconfigured);
    CHECK_THAT(taken.error().detail, Catch::Contains("\"billing\" is of role tollgate_billing, and this is "
                                                     "tollgate_enrichment"));
    CHECK(count(world, "consumer.consumer where name = 'billing'") == 0);
    must(register_consumer(billing, {.name = "billing"}));
    must(register_consumer(billing, {.name = "reports"}));
    CHECK(register_consumer(enrichment, {.name = "reports"}).error().code == ErrorCode::misconfigured);
    must(register_consumer(billing, {.name = "reports"}));
    CHECK(count(world, "consumer.consumer where role = 'tollgate_billing'") == 2);
}

TEST_CASE("a consumer that the owner has registered is nobody's until its migration says whose") {
    const JournalWorld world;
    postgres::Connection owner = open(world.owner());
    postgres::Connection billing = open(world.settings("billing"));
    // Roles are the server's, and stay.
    const std::string name = "visits_" + make_uuid_v4().text().substr(0, 8);
    must(register_consumer(owner, {.name = name}));
    const auto adopted = register_consumer(billing, {.name = name});
    REQUIRE_FALSE(adopted);
    CHECK(adopted.error().code == ErrorCode::misconfigured);
    CHECK_THAT(adopted.error().detail, Catch::Contains("consumer.equip_role('" + name + "')"));
    // Twice: the migration of a later version may call it again.
    for (int times = 0; times < 2; ++times) owner.execute("select consumer.equip_role($1)", name);
    CHECK(count(world, "consumer.consumer where role = 'tollgate_" + name + "'") == 1);
    CHECK_THAT(register_consumer(billing, {.name = name}).error().detail,
               Catch::Contains("is of role tollgate_" + name));
}

TEST_CASE(
    "a reader of the journal is its consumer's role's to move, also after the bus was turned and back") {
    const TwoServices two;
    postgres::Connection enrichment = open(two.world.settings("enrichment"));
    postgres::Connection operators = open(two.world.settings("operator"));
    const tenants::Actor ada{.name = "ada", .role = tenants::Role::operator_};
    const auto take = [&](const std::string& reader) {
        return failure(enrichment, "select journal.take_reader('" + reader + "', gen_random_uuid(), 100)");
    };
    const auto turn_to = [&](consumer::Bus bus) {
        must(transact(operators, [&](postgres::Transaction& tx) {
            return consumer::switch_bus(tx, ada, bus, consumer::InTheWay::who_uses_the_bus, "to see it");
        }));
    };
    const std::string others = "is of role tollgate_billing, and this is tollgate_enrichment";
    CHECK_THAT(take("billing"), Catch::Contains(others));
    CHECK(take("enrichment") == "none");
    turn_to(consumer::Bus::kafka);
    CHECK_THAT(take("relay"), Catch::Contains("is of role tollgate_relay"));
    turn_to(consumer::Bus::journal);
    CHECK_THAT(take("billing"), Catch::Contains(others));
    CHECK(take("enrichment") == "none");
}

TEST_CASE("nobody moves another service's reader, nor registers one in its name") {
    const JournalWorld world;
    postgres::Connection enrichment = open(world.settings("enrichment"));
    CHECK_THAT(failure(enrichment, "select journal.register_reader('billing')"),
               Catch::Contains("is of role tollgate_billing"));
    postgres::Connection billing = open(world.settings("billing"));
    must(register_consumer(billing, {.name = "billing"}));
    CHECK(failure(billing, "select journal.take_reader('billing', gen_random_uuid(), 1)") == "none");
    // Who may take it is there for all to read, and is no key.
    const std::string move =
        "select journal.move_reader(r.name, r.holder, r.epoch, p.tick, p.xid, p.seq) from journal.reader r, "
        "journal.position p where r.name = 'billing' and p.reader = r.name limit 1";
    CHECK_THAT(failure(enrichment, move), Catch::Contains("is of role tollgate_billing"));
    CHECK(failure(billing, move) == "none");
}
