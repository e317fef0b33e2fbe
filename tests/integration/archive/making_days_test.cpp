// Days are made while others write, read, and make days.
#include <future>

#include <catch2/catch.hpp>

#include "archive/days.hpp"
#include "fixtures.hpp"

using namespace tollgate;
using archive::make_days;
using postgres::Connection;
using postgres::Transaction;
using test::Archive;
using test::event;
using test::expected_days;
using test::id_at;
using test::midnight;
using test::must;
using test::waits_for_lock;

namespace {

// For which nobody may keep it waiting.
Connection open_impatient(const Archive& archive, const std::string& service = "ingress") {
    auto settings = archive.settings(service);
    settings.lock_timeout = std::chrono::milliseconds{200};
    return test::open(settings);
}

}  // namespace

TEST_CASE("who writes for long does not delay the making of a day, nor does it delay others") {
    Archive archive;
    Connection writer = test::open(archive.settings());
    Transaction writing{writer};
    const Uuid first = id_at(midnight());
    archive::write(writing, std::vector{event(first)});
    Connection reader = test::open(archive.settings("relay"));
    Transaction reading{reader};
    CHECK(archive::read(reading, std::vector{first}).empty());

    Connection maker = open_impatient(archive);
    CHECK(must(make_days(maker, 10)) == 3);
    // Others use it while these two are open.
    const Uuid second = id_at(midnight(10));
    must(archive.write({event(second)}));
    CHECK(must(archive.read({second})).size() == 1);
    writing.commit();
    CHECK(archive::read(reading, std::vector{first}).size() == 1);
}

TEST_CASE("who makes a day for long does not delay those who write and read") {
    Archive archive;
    Connection maker = test::open(archive.settings());
    Transaction making{maker};
    CHECK(making.execute("select archive.make_days(10)").only().get<std::int32_t>(0) == 3);

    const Uuid id = id_at(midnight());
    Connection writer = open_impatient(archive);
    must(transact(writer, [&](Transaction& tx) { archive::write(tx, std::vector{event(id)}); }));
    // A plan of its own, so that it looks at all days.
    Connection reader = open_impatient(archive, "relay");
    CHECK(must(transact(reader, [&](Transaction& tx) {
              return tx.execute("select count(*) from archive.event").only().get<std::int64_t>(0);
          })) == 1);
    making.commit();
    CHECK(archive.days() == expected_days(-1, 10));
}

TEST_CASE("a day that another is making is waited for") {
    Archive archive;
    const Uuid id = id_at(midnight(12));
    Connection first = test::open(archive.settings());
    Connection second = test::open(archive.settings("enrichment"));
    auto making = std::make_unique<Transaction>(first);
    making->execute("select archive.make_day_of($1)", id);
    auto waiting = std::async(std::launch::async, [&] { return make_days(second, 12); });
    REQUIRE(waits_for_lock(archive, second.backend_pid()));
    SECTION("and not made again") {
        making->commit();
        CHECK(must(waiting.get()) == 4);
    }
    SECTION("and made when the other did not") {
        making.reset();
        CHECK(must(waiting.get()) == 5);
    }
    CHECK(archive.days() == expected_days(-1, 12));
    must(archive.write({event(id)}));
}

TEST_CASE("several processes that make days at the same time make each once") {
    Archive archive;
    Connection owner = test::open(archive.owner());
    auto all_wait = std::make_unique<Transaction>(owner);
    all_wait->execute("lock table archive.event in share update exclusive mode");
    std::vector<Connection> connections;
    std::vector<std::future<Result<int>>> makers;
    for (const char* service : {"ingress", "relay", "enrichment", "billing", "delivery"})
        connections.push_back(test::open(archive.settings(service)));
    for (Connection& connection : connections)
        makers.push_back(std::async(std::launch::async, [&] { return make_days(connection, 30); }));
    for (const Connection& connection : connections) CHECK(waits_for_lock(archive, connection.backend_pid()));
    all_wait.reset();
    int made = 0;
    for (auto& maker : makers) made += must(maker.get());
    CHECK(made == 23);
    CHECK(archive.days() == expected_days(-1, 30));
}
