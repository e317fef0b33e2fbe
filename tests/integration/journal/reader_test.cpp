#include "journal/reader.hpp"

#include <numeric>

#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using test::Journal;
using test::must;
using test::numbers;
using test::OpenTransaction;
using test::TestReader;
using Numbers = std::vector<std::int64_t>;

namespace {

Numbers from_to(std::int64_t first, std::int64_t last) {
    Numbers all(static_cast<std::size_t>(last - first + 1));
    std::iota(all.begin(), all.end(), first);
    return all;
}

}  // namespace

TEST_CASE("a reader sees what is appended after it was registered, in order, once") {
    Journal journal;
    journal.append({1});
    journal.tick();
    TestReader reader{journal, "billing"};
    journal.append({2, 3});
    journal.append({4});
    CHECK(reader.read_all().empty());  // there is no tick yet
    CHECK(journal.tick());
    CHECK(reader.read_all() == Numbers{2, 3, 4});
    CHECK_FALSE(must(reader.reader().next(10)).has_value());
    journal.append({5});
    CHECK(journal.tick());
    CHECK(reader.read_all() == Numbers{5});
}

TEST_CASE("a transaction that commits late is read late, and delays nobody") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction slow{journal.settings()};
    slow.append({1, 2});
    journal.append({3});
    journal.tick();
    CHECK(reader.read_all() == Numbers{3});
    journal.append({4});
    journal.tick();
    CHECK(reader.read_all() == Numbers{4});
    slow.commit();
    journal.append({5});
    CHECK(journal.tick());
    CHECK(reader.read_all() == Numbers{1, 2, 5});
}

TEST_CASE("a transaction that had drawn its numbers when a tick was written, and had no neighbour, is read") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction alone{journal.settings()};
    alone.append({1});
    // Its number is above all that have ended, so no snapshot lists it as in progress.
    journal.tick();
    CHECK(reader.read_all().empty());
    alone.commit();
    CHECK(journal.tick());
    CHECK(reader.read_all() == Numbers{1});
}

TEST_CASE("what was rolled back is not read") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction failed{journal.settings()};
    failed.append({1});
    journal.append({2});
    failed.abort();
    journal.tick();
    CHECK(reader.read_all() == Numbers{2});
}

TEST_CASE("a tick of many entries is read in pages, also by who takes over in the middle") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction late{journal.settings()};
    late.append(from_to(1, 250));
    journal.append({1000});
    journal.tick();
    CHECK(reader.read_all() == Numbers{1000});
    journal.append(from_to(251, 400));
    late.commit();
    journal.append(from_to(401, 777));
    journal.tick();
    Numbers all;
    while (all.size() < 777) {
        const Numbers page = reader.read(100);
        CHECK(page.size() == std::min<std::size_t>(100, 777 - all.size()));
        all.insert(all.end(), page.begin(), page.end());
        reader.take();
    }
    CHECK(all == from_to(1, 777));
    CHECK(reader.read_all().empty());
    journal.append({778});
    journal.tick();
    CHECK(reader.read_all() == Numbers{778});
}

TEST_CASE("several ticks at once are read in the order of the ticks") {
    Journal journal;
    TestReader reader{journal, "billing"};
    TestReader one_by_one{journal, "delivery"};
    OpenTransaction late{journal.settings()};
    late.append({1});
    Numbers expected;
    for (std::int64_t i = 2; i <= 20; ++i) {
        journal.append({i});
        if (i == 10) late.commit();
        journal.tick();
        expected.push_back(i);
        if (i == 9) expected.push_back(1);  // in the tick of 10, and its transaction is the older one
        one_by_one.read();
    }
    const auto batch = must(reader.reader().next(1000));
    REQUIRE(batch.has_value());
    CHECK(numbers(*batch) == expected);
    // Each entry says where to go on behind it.
    must(reader.move(batch->entries[7].after));
    reader.take();
    CHECK(reader.read_all(3) == Numbers(expected.begin() + 8, expected.end()));
}

TEST_CASE("late entries beyond the limit do not disturb the order") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction late{journal.settings()};
    late.append(from_to(1, 50));
    journal.append({51});
    journal.tick();
    journal.append({52});
    journal.tick();
    late.commit();
    journal.append({53});
    journal.tick();
    Numbers expected{51, 52};
    for (const std::int64_t number : from_to(1, 50)) expected.push_back(number);
    expected.push_back(53);
    // By the sequence three ticks seem to fit, and they do not.
    CHECK(reader.read_all(5) == expected);
}

TEST_CASE("a reader of some topics passes the others") {
    Journal journal;
    TestReader billing{journal, "billing", {"payment"}};
    TestReader all{journal, "relay"};
    journal.append({1}, "raw");
    journal.append({2}, "payment");
    journal.append({3}, "raw");
    journal.tick();
    CHECK(billing.read_all() == Numbers{2});
    CHECK(all.read_all() == Numbers{1, 2, 3});
    journal.append({4}, "raw");
    journal.tick();
    const auto batch = must(billing.reader().next(10));
    REQUIRE(batch.has_value());
    CHECK(batch->entries.empty());
}

TEST_CASE("an entry is read as it was appended") {
    Journal journal;
    TestReader reader{journal, "billing"};
    const Uuid tenant = make_uuid_v7();
    postgres::Connection connection = test::open(journal.settings("delivery"));
    must(transact(connection, [&](postgres::Transaction& tx) {
        const std::vector<journal::NewEntry> entries{
            {.tenant = tenant,
             .topic = "delivery.dlq",
             .event_id = test::event(7),
             .headers = R"({"reason": "no"})"},
            {.tenant = tenant, .topic = "raw", .event_id = test::event(8)}};
        journal::append(tx, entries);
    }));
    journal.tick();
    const auto batch = must(reader.reader().next(10));
    REQUIRE((batch && batch->entries.size() == 2));
    CHECK(batch->entries[0].tenant == tenant);
    CHECK(batch->entries[0].topic == "delivery.dlq");
    CHECK(batch->entries[0].event_id == test::event(7));
    CHECK(batch->entries[0].headers == R"({"reason": "no"})");
    CHECK(batch->entries[1].topic == "raw");
    CHECK_FALSE(batch->entries[1].headers.has_value());
}

TEST_CASE("the position moves with the work: what is rolled back is read again") {
    Journal journal;
    TestReader reader{journal, "billing"};
    journal.append({1});
    journal.tick();
    const auto failed = transact(reader.connection(), [&](postgres::Transaction& tx) -> Result<void> {
        const auto batch = must(reader.reader().next(10));
        reader.reader().move(tx, batch->after);
        return fail(ErrorCode::unavailable, "the work could not be done");
    });
    CHECK_FALSE(failed.has_value());
    reader.take();
    CHECK(reader.read_all() == Numbers{1});
    reader.take();
    CHECK(reader.read_all().empty());
}

TEST_CASE("a reader that was stopped and resumed moves nothing once another reads") {
    Journal journal;
    TestReader sleeper{journal, "billing"};
    journal.append({1});
    journal.tick();
    const auto batch = must(sleeper.reader().next(10));
    REQUIRE(batch.has_value());

    TestReader successor{journal, "billing", {}, 2};
    CHECK(sleeper.try_take(1).error().code == ErrorCode::fenced);
    const auto moved = sleeper.move(batch->after);
    REQUIRE_FALSE(moved.has_value());
    CHECK(moved.error().code == ErrorCode::fenced);
    CHECK(successor.read_all() == Numbers{1});
}

TEST_CASE("who takes over waits for a move that is under way") {
    Journal journal;
    // It has moved and not committed when it is stopped; its session is ended by the server.
    postgres::ConnectionSettings impatient = journal.settings("billing");
    impatient.idle_in_transaction_timeout = std::chrono::milliseconds{100};
    postgres::Connection connection = test::open(impatient);
    must(journal::register_reader(connection, "billing"));
    auto stopped =
        must(journal::Reader::take(connection, {.name = "billing", .holder = make_uuid_v4(), .epoch = 1}));
    journal.append({1});
    journal.tick();
    const auto batch = must(stopped.next(10));
    REQUIRE(batch.has_value());
    std::optional<TestReader> successor;
    const auto lost = transact(connection, [&](postgres::Transaction& tx) {
        stopped.move(tx, batch->after);
        successor.emplace(journal, "billing", std::vector<std::string>{}, 2);
    });
    CHECK_FALSE(lost.has_value());
    REQUIRE(successor.has_value());
    CHECK(successor->read_all() == Numbers{1});
}

TEST_CASE("a name that is not registered, or not any more, reads nothing") {
    Journal journal;
    TestReader reader{journal, "billing"};
    postgres::Connection operators = test::open(journal.settings("operator"));
    CHECK_FALSE(must(journal::register_reader(operators, "billing")));
    journal.append({1});
    journal.tick();
    const auto refused = journal::retire_reader(operators, "billing", false);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(must(journal::retire_reader(operators, "billing", true)).unread == 1);
    CHECK(reader.try_take(9).error().code == ErrorCode::not_found);
    CHECK(journal::retire_reader(operators, "billing", true).error().code == ErrorCode::not_found);
    // One of the same name begins anew.
    CHECK(must(journal::register_reader(operators, "billing")));
    reader.take();
    CHECK(reader.read_all().empty());
}
