// Turning from the journal to Kafka and back.
#include "consumer/bus.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include <catch2/catch.hpp>

#include "consumer/registration.hpp"
#include "journal/readers.hpp"
#include "postgres/lease.hpp"
#include "support/wait.hpp"
#include "worlds.hpp"

using namespace tollgate;
using namespace tollgate::test;
using consumer::Bus;
using consumer::BusSwitch;
using consumer::InTheWay;
using journal::ReaderState;

namespace {

const tenants::Actor ann{.name = "ann", .role = tenants::Role::operator_, .tenants = {}};

Result<BusSwitch> turn(const World& world, Bus to, InTheWay who = InTheWay::who_uses_the_bus) {
    postgres::Connection connection = open(world.settings("operator"));
    return transact(connection,
                    [&](postgres::Transaction& tx) { return consumer::switch_bus(tx, ann, to, who, "why"); });
}

std::vector<ReaderState> readers(const World& world) {
    postgres::Connection connection = open(world.settings());
    return must(journal::list_readers(connection));
}

consumer::BusState state(const World& world) {
    postgres::Connection connection = open(world.settings());
    return must(transact(connection, [](postgres::Transaction& tx) { return consumer::read_bus(tx); }));
}

std::int64_t audits(const World& world) {
    postgres::Connection connection = open(world.owner());
    return must(transact(connection, [](postgres::Transaction& tx) {
        tenants::see_all_tenants(tx);
        return tx.execute("select count(*) from tenants.audit where verb like 'bus %'")
            .only()
            .get<std::int64_t>(0);
    }));
}

}  // namespace

TEST_CASE("a new database has the journal for its bus") {
    JournalWorld world;
    CHECK(state(world).bus == Bus::journal);
    CHECK(state(world).refilling.empty());
    const auto again = must(turn(world, Bus::journal));
    CHECK_FALSE(again.changed());
    CHECK(audits(world) == 0);
}

TEST_CASE("to Kafka the relay begins where the reader furthest behind stood, and the readers are retired") {
    JournalWorld world;
    MemberSettings other = world.another_consumer();
    {
        Member ahead{world.member()};
        world.publish(numbered(1, 30));
        REQUIRE(read_until(ahead, 30));
        Member behind{other};
        const consumer::Batch part = poll_some(behind, 12);
        REQUIRE(behind.commit(part).has_value());
    }
    const auto before = readers(world);
    const journal::Position furthest = std::min(before[0].position, before[1].position);
    const BusSwitch done = must(turn(world, Bus::kafka));
    CHECK(done.changed());
    CHECK(done.readers == std::vector<std::string>{"enrichment", "other"});
    const auto after = readers(world);
    REQUIRE(after.size() == 1);
    CHECK(after[0].name == "relay");
    CHECK(after[0].position == furthest);
    CHECK(state(world).bus == Bus::kafka);
    CHECK(state(world).retired_readers == done.readers);
    CHECK(audits(world) == 1);

    // What the relay reads now is all that the one behind had not.
    MemberSettings relay = world.member();
    relay.name = "relay";
    relay.database = world.settings("relay");
    open(world.owner()).execute("grant all on public.effect to tollgate_relay");
    Member as_relay{relay};
    REQUIRE(read_until({&as_relay},
                       [&] { return !as_relay.taken.empty() && as_relay.taken.back().value == "30"; }));
    CHECK(values(as_relay.taken) == numbers(13, 30));
}

TEST_CASE("back to the journal the readers of before begin at the newest tick, and a refill is due") {
    JournalWorld world;
    postgres::Connection connection = open(world.settings());
    must(consumer::register_consumer(connection,
                                     {.name = "enrichment", .beginning = consumer::Beginning::from_now}));
    REQUIRE(turn(world, Bus::kafka));
    world.publish(numbered(1, 10));
    REQUIRE(wait_until([&] { return readers(world)[0].unread == 10; }));
    const BusSwitch done = must(turn(world, Bus::journal));
    CHECK(done.readers == std::vector<std::string>{"enrichment"});
    CHECK(done.unread == 10);
    const auto after = readers(world);
    REQUIRE(after.size() == 1);
    CHECK(after[0].name == "enrichment");
    CHECK(after[0].unread == 0);
    CHECK(state(world).bus == Bus::journal);
    CHECK(state(world).refilling == std::vector<std::string>{"enrichment"});
    Member member{world.member()};
    world.publish(numbered(11, 12));
    REQUIRE(read_until(member, 2));
    CHECK(values(member.taken) == numbers(11, 12));
    CHECK(audits(world) == 2);
}

TEST_CASE("with no reader the relay begins at the beginning of the journal") {
    JournalWorld world;
    postgres::Connection owner = open(world.settings("operator"));
    must(journal::retire_reader(owner, "enrichment", true));
    world.publish(numbered(1, 10));
    REQUIRE(turn(world, Bus::kafka));
    CHECK(wait_until([&] { return readers(world)[0].unread == 10; }));
}

TEST_CASE("while a live process uses the bus it stays, and its holder is named") {
    JournalWorld world;
    {
        Member member{world.member()};
        REQUIRE(read_until({&member}, [&] { return member.subscription().is_reading(); }));
        const auto refused = turn(world, Bus::kafka);
        CHECK(refused.error().code == ErrorCode::conflict);
        CHECK_THAT(refused.error().detail, Catch::Contains("consumer.enrichment (process "));
        CHECK(state(world).bus == Bus::journal);
        CHECK(readers(world)[0].name == "enrichment");
    }
    // The keeper alone is in nobody's way, except for who wants to be alone.
    const auto not_alone = turn(world, Bus::kafka, InTheWay::everybody);
    CHECK_THAT(not_alone.error().detail, Catch::Contains("journal.keeper"));
    CHECK(must(turn(world, Bus::kafka)).changed());
}

TEST_CASE("of two switches at once one is done and the other finds it so") {
    JournalWorld world;
    postgres::Connection first = open(world.settings("operator"));
    std::optional<postgres::Transaction> held{std::in_place, first};
    REQUIRE(must(consumer::switch_bus(*held, ann, Bus::kafka, InTheWay::who_uses_the_bus, "")).changed());
    std::optional<Result<BusSwitch>> second;
    std::jthread other{[&] { second = turn(world, Bus::kafka); }};
    postgres::Connection owner = open(world.owner());
    REQUIRE(wait_until([&] {
        return owner
            .execute(
                "select exists (select from pg_stat_activity where datname = current_database() "
                "and wait_event_type = 'Lock')")
            .only()
            .get<bool>(0);
    }));
    held->commit();
    other.join();
    CHECK_FALSE(must(*second).changed());
    CHECK(audits(world) == 1);
    CHECK(readers(world).size() == 1);
}

TEST_CASE("a switch that fails leaves everything as it was") {
    JournalWorld world;
    const auto before = readers(world);
    {
        postgres::Connection connection = open(world.settings("operator"));
        postgres::Transaction tx{connection};
        REQUIRE(consumer::switch_bus(tx, ann, Bus::kafka, InTheWay::who_uses_the_bus, ""));
    }
    CHECK(state(world).bus == Bus::journal);
    CHECK(readers(world)[0].position == before[0].position);
    // Nobody changes the row without a word in the audit log, and services not at all.
    postgres::Connection operators = open(world.settings("operator"));
    const auto silent =
        transact(operators, [](postgres::Transaction& tx) { tx.execute("select consumer.turn_to_kafka()"); });
    CHECK_THAT(silent.error().detail, Catch::Contains("tenants.audit"));
    postgres::Connection service = open(world.settings());
    CHECK(transact(service, [](postgres::Transaction& tx) { tx.execute("select consumer.turn_to_kafka()"); })
              .error()
              .code == ErrorCode::misconfigured);
    const tenants::Actor viewer{.name = "vic", .role = tenants::Role::viewer, .tenants = {}};
    CHECK(transact(operators,
                   [&](postgres::Transaction& tx) {
                       return consumer::switch_bus(tx, viewer, Bus::kafka, InTheWay::who_uses_the_bus, "");
                   })
              .error()
              .code == ErrorCode::forbidden);
}

TEST_CASE("a process that was made for the other bus is told what to do") {
    JournalWorld world;
    postgres::Pool pool{{.connection = world.settings("relay")}};
    CHECK(consumer::require_bus(pool, Bus::journal).has_value());
    const auto refused = consumer::require_bus(pool, Bus::kafka);
    CHECK(refused.error().code == ErrorCode::misconfigured);
    CHECK_THAT(refused.error().detail, Catch::Contains("`tollgate bus kafka`"));
}
