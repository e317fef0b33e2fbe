// What a bus did not bring comes again from the archive; what operators have run again; days that are kept.
#include <catch2/catch.hpp>

#include "consumer/again.hpp"
#include "consumer/registration.hpp"
#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Strings = std::vector<std::string>;

namespace {

const tenants::Actor ada{.name = "ada", .role = tenants::Role::operator_};

// On nobody's bus.
void store(const World& world, const std::vector<archive::Event>& events) {
    postgres::Connection connection = open(world.settings("ingress"));
    must(transact(connection, [&](postgres::Transaction& tx) { archive::write(tx, events); }));
}

template <typename Verb>
consumer::Again order(const World& world, const Verb& verb, const std::vector<Uuid>& ids) {
    postgres::Connection connection = open(world.settings("operator"));
    const std::string name = world.member().name;
    return must(transact(
        connection, [&](postgres::Transaction& tx) { return verb(tx, ada, name, ids, "to see it work"); }));
}

std::optional<std::string> needs_today(const World& world) {
    return open(world.owner())
        .execute("select consumer.needs_day((now() at time zone 'UTC')::date)")
        .only()
        .get<std::optional<std::string>>(0);
}

}  // namespace

TEST_CASE("who is registered gets what was stored before, but for what is withheld") {
    JournalWorld world;
    make_trial_tables(world);
    auto events = numbered(1, 1200);
    store(world, events);
    open(world.owner()).execute("insert into archive.withheld values ($1)", events[4].id);
    Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects().size() == 1199; }));
    CHECK(comes_true([&] { return count(world, "consumer.consumer where refill_after is not null") == 0; }));
    Strings expected = numbers(1, 1200);
    expected.erase(expected.begin() + 4);
    CHECK(world.effects() == expected);
    CHECK(running.metrics().refilled.Value() == 1199);
}

TEST_CASE("who begins now gets nothing of before, also where the bus still has it") {
    JournalWorld world;
    make_trial_tables(world);
    world.publish(numbered(1, 5));
    postgres::Connection connection = open(world.settings());
    // The reader that the journal has of it is older than the consumer.
    must(consumer::register_consumer(
        connection, {.name = world.member().name, .beginning = consumer::Beginning::from_now}));
    world.publish(numbered(6, 8));
    const Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(6, 8); }));
    CHECK(count(world, "consumer.inbox") == 3);
}

TEST_CASE("who begins now gets what was received a moment before by a clock that is ahead") {
    JournalWorld world;
    make_trial_tables(world);
    const MemberSettings late = [&] {
        MemberSettings settings = world.member();
        settings.name = "late";
        return settings;
    }();
    archive::Event ahead = event("1");
    ahead.id = first_uuid_v7_at(SystemClock{}.now() + std::chrono::seconds{4});
    ahead.id.bytes[15] = 1;
    store(world, {event("0"), ahead});
    postgres::Connection connection = open(world.settings());
    must(consumer::register_consumer(connection,
                                     {.name = late.name, .beginning = consumer::Beginning::from_now}));
    const Running running{late};
    CHECK(comes_true([&] { return world.effects() == Strings{"1"}; }));
    CHECK(needs_today(world) == std::nullopt);
}

TEST_CASE("a consumer that is retired keeps neither days nor the journal, and who did it is on record") {
    JournalWorld world;
    make_trial_tables(world);
    postgres::Connection connection = open(world.settings());
    must(consumer::register_consumer(connection,
                                     {.name = "gone", .beginning = consumer::Beginning::from_now}));
    store(world, numbered(1, 1));
    CHECK(needs_today(world) == "consumer \"gone\" has not got 1 of its 1 events");
    postgres::Connection operators = open(world.settings("operator"));
    CHECK_FALSE(transact(
        operators, [](postgres::Transaction& tx) { tx.execute("select consumer.retire_consumer('gone')"); }));
    const auto retire = [&](const std::string& name) {
        return transact(operators, [&](postgres::Transaction& tx) {
            return consumer::retire_consumer(tx, ada, name, "it was a trial");
        });
    };
    CHECK(retire("gone"));
    CHECK(retire("gone").error().code == ErrorCode::not_found);
    CHECK(needs_today(world) == std::nullopt);
    CHECK(count(world, "journal.reader where name = 'gone'") == 0);
}

TEST_CASE("a name that reads another topic already is refused") {
    const JournalWorld world;
    postgres::Connection connection = open(world.settings());
    must(consumer::register_consumer(connection, {.name = "somebody"}));
    const auto other = consumer::register_consumer(connection, {.name = "somebody", .input = "payment"});
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::misconfigured);
    CHECK_THAT(other.error().detail, Catch::Contains("reads \"raw\", and not \"payment\""));
}

TEMPLATE_TEST_CASE("a dead message that is replayed begins again and has its one effect", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    std::vector<archive::Event> events = numbered(1, 3);
    events[1].body = "2 commit";
    world.publish(events);
    const Running running{world.member(), [](consumer::RuntimeSettings& settings) {
                              settings.retries.age_max = std::chrono::milliseconds{1};
                          }};
    REQUIRE(comes_true([&] { return work(world).size() == 1 && work(world).front().starts_with("dead "); }));
    const std::string failed = "consumer.attempt where outcome <> 'done'";
    const std::int64_t attempts = count(world, failed);
    // What it lacked is there now.
    open(world.owner()).execute("insert into public.first values (7)");
    const auto started = order(world, consumer::replay, {events[1].id, events[0].id});
    CHECK(started.started == 1);
    CHECK(started.left == 1);
    REQUIRE(comes_true([&] { return work(world).empty(); }));
    CHECK(world.effects() == Strings{"1", "3", "2"});
    CHECK(count(world, failed) == attempts);
    CHECK(count(world, "consumer.attempt where outcome = 'done' and cause = 'replay'") == 1);
    // And again: there is nothing left to be run.
    CHECK(order(world, consumer::replay, {events[1].id}).started == 0);
}

TEMPLATE_TEST_CASE("what is done can be done over from what is stored", "", JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    const auto events = numbered(1, 3);
    world.publish(events);
    const Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(1, 3); }));
    CHECK(order(world, consumer::redo, {events[1].id, make_uuid_v7()}).started == 1);
    REQUIRE(comes_true([&] { return world.effects() == Strings{"1", "2", "3", "2"}; }));
    CHECK(comes_true([&] { return work(world).empty(); }));
    // When, and by which build, is part of the event's story.
    CHECK(count(world, "consumer.attempt where outcome = 'done' and cause = 'redo' and attempt = 1") == 1);
    CHECK(count(world, "consumer.attempt") == 1);
}

TEST_CASE("a reason and a consumer that there is are required of who has something run again") {
    JournalWorld world;
    postgres::Connection connection = open(world.settings("operator"));
    const std::vector<Uuid> ids{make_uuid_v7()};
    const auto ask = [&](std::string_view consumer, std::string_view reason) {
        return transact(connection, [&](postgres::Transaction& tx) {
            return consumer::replay(tx, ada, consumer, ids, reason);
        });
    };
    const Error unknown = ask("nobody", "why").error();
    CHECK(unknown.code == ErrorCode::invalid);
    CHECK_THAT(unknown.detail, Catch::Contains("no consumer \"nobody\" is registered"));
    CHECK(ask("nobody", "").error().code == ErrorCode::invalid);
}

TEST_CASE("a day is needed until every consumer has all of its events that are not withheld") {
    JournalWorld world;
    make_trial_tables(world);
    auto events = numbered(1, 20);
    CHECK(needs_today(world) == std::nullopt);
    {
        const Running running{world.member()};
        world.publish(events);
        REQUIRE(comes_true([&] { return world.effects() == numbers(1, 20); }));
    }
    CHECK(needs_today(world) == std::nullopt);
    const auto late = numbered(21, 21);
    store(world, late);
    // A row of the inbox that is of no stored event makes up for none that is.
    const Uuid foreign = make_uuid_v7();
    open(world.settings())
        .execute("insert into consumer.inbox values ('enrichment', $1, $2)", foreign, tenant());
    CHECK(needs_today(world).value_or("none") == "consumer \"enrichment\" has not got some of its events");
    open(world.owner()).execute("delete from consumer.inbox where message_id = $1", foreign);
    CHECK(needs_today(world) == "consumer \"enrichment\" has not got 1 of its 21 events");
    open(world.owner()).execute("insert into archive.withheld values ($1)", late.front().id);
    CHECK(needs_today(world) == std::nullopt);
    // What is dead was got.
    order(world, consumer::redo, {events[0].id});
    CHECK(needs_today(world) == "events of it are to be run again, and their bytes are there");
}
