// The server is restarted in the middle of a batch.
#include <csignal>

#include <catch2/catch.hpp>

#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Strings = std::vector<std::string>;

namespace {

template <typename AnyWorld>
AnyWorld on(const PostgresServer& server) {
    if constexpr (std::is_same_v<AnyWorld, JournalWorld>) {
        return JournalWorld{&server};
    } else {
        return KafkaWorld{2, &server};
    }
}

// Keeps the handler of a message "N locked" in its transaction for as long as the server lives.
void lock_shut(postgres::Connection& connection) {
    connection.execute("begin");
    connection.execute("lock table public.shut in access exclusive mode");
}

// Behind the rows of its batch, which are written and not committed.
bool waits_in_its_transaction(postgres::Connection& connection) {
    return comes_true([&] {
        return connection
            .execute(
                "select exists (select from pg_locks where relation = 'public.shut'::regclass and not "
                "granted)")
            .only()
            .get<bool>(0);
    });
}

void restart(PostgresServer& server, bool at_once) {
    if (at_once) server.signal(SIGQUIT);
    server.stop();
    server.start();
}

}  // namespace

TEST_CASE("a database that is set back to an earlier copy of itself does again what the topics still hold") {
    const PostgresServer server;
    KafkaWorld world{2, &server};
    make_trial_tables(world);
    const auto work_off = [&](int first, int last) {
        world.publish(numbered(first, last));
        const Running running{world.member()};
        REQUIRE(comes_true([&] { return world.effects() == numbers(1, last); }));
    };
    work_off(1, 6);
    server.administer("create database earlier template app");
    work_off(7, 10);
    server.administer("drop database app with (force)");
    server.administer("alter database earlier rename to app");
    REQUIRE(world.effects() == numbers(1, 6));
    Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(1, 10); }));
    CHECK(running.metrics().database_behind.Value() == 1);
    CHECK(running.metrics().log_replaced.Value() == 0);
}

TEMPLATE_TEST_CASE("a server that is restarted in the middle of a batch uses up nobody's attempts", "",
                   JournalWorld, KafkaWorld) {
    PostgresServer server;
    auto world = on<TestType>(server);
    make_trial_tables(world);
    Running running{world.member()};
    int published = 0;
    double repeats = 0;
    // As an operator does it, and then without any goodbye.
    for (const bool at_once : {false, true}) {
        CAPTURE(at_once);
        std::vector<archive::Event> events = numbered(published + 1, published + 20);
        published += 20;
        events[6].body += " locked";
        {
            postgres::Connection locker = open(world.owner());
            lock_shut(locker);
            world.publish(events);
            REQUIRE(waits_in_its_transaction(locker));
            restart(server, at_once);
        }
        REQUIRE(comes_true([&] { return world.effects().size() >= static_cast<std::size_t>(published); }));
        CHECK(sorted(world.effects()) == sorted(numbers(1, published)));
        CHECK(running.metrics().repeats.Value() > repeats);
        repeats = running.metrics().repeats.Value();
    }
    CHECK(count(world, "consumer.inbox") == published);
    CHECK(count(world, "consumer.attempt") == 0);
    CHECK(work(world).empty());
    CHECK(running.metrics().crashes.Value() == 0);
    CHECK(running.stop());
}
