#include <numeric>

#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using test::Journal;
using test::must;
using test::OpenTransaction;
using test::TestReader;
using Numbers = std::vector<std::int64_t>;

namespace {

std::int64_t rows_in(Journal& journal, const char* table) {
    return journal.connection()
        .execute(fmt::format("select count(*) from journal.{}", table))
        .only()
        .get<std::int64_t>(0);
}

}  // namespace

TEST_CASE("what all have read is emptied, and nothing is ever updated or deleted") {
    Journal journal;
    TestReader fast{journal, "billing"};
    TestReader slow{journal, "delivery"};
    Numbers read;
    std::int64_t next = 1;
    int emptied = 0;
    for (int round = 0; round < 30; ++round) {
        for (int i = 0; i < 5; ++i) {
            journal.append({next++});
            journal.tick();
            fast.read();
        }
        emptied += journal.tidy_at_once().emptied;
        if (round % 3 == 2) {
            for (const std::int64_t number : slow.read_all()) read.push_back(number);
        }
        fast.read_all();
    }
    for (const std::int64_t number : slow.read_all()) read.push_back(number);
    Numbers expected(static_cast<std::size_t>(next - 1));
    std::iota(expected.begin(), expected.end(), 1);
    CHECK(read == expected);
    CHECK(emptied >= 8);
    // Only the newest child still holds anything once all has been read and rotated on.
    journal.tidy_at_once();
    fast.read_all();
    slow.read_all();
    journal.tidy_at_once();
    CHECK(rows_in(journal, "entry") == 0);
    const auto dead = journal.connection().execute(
        "select coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint from pg_stat_user_tables "
        "where relname similar to '(entry|tick|position)_[0-2]'");
    CHECK(dead.only().get<std::int64_t>(0) == 0);
}

TEST_CASE("a reader that does not come back keeps what it has not read, and is named") {
    Journal journal;
    TestReader gone{journal, "delivery"};
    TestReader reader{journal, "billing"};
    for (std::int64_t i = 1; i <= 3; ++i) {
        journal.append({i});
        journal.tick();
        reader.read_all();
        journal.tidy_at_once();
        reader.read_all();
    }
    const auto tidied = journal.tidy_at_once();
    CHECK_FALSE(tidied.rotated);
    REQUIRE(tidied.rotation_blocked_by.has_value());
    CHECK(*tidied.rotation_blocked_by == "child 0: reader \"delivery\" has not read all of it");

    postgres::Connection operators = test::open(journal.settings("operator"));
    must(journal::retire_reader(operators, "delivery", true));
    CHECK(journal.tidy_at_once().emptied == 2);
    CHECK(reader.read_all().empty());
}

TEST_CASE("a transaction that has appended and stays open is named, and read in the end") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction open{journal.settings()};
    open.append({1});
    Numbers expected;
    for (std::int64_t i = 2; i <= 6; ++i) {
        journal.append({i});
        journal.tick();
        CHECK(reader.read_all() == Numbers{i});
        journal.tidy_at_once();
        reader.read_all();
    }
    const auto blocked = journal.tidy_at_once().rotation_blocked_by;
    REQUIRE(blocked.has_value());
    CHECK_THAT(*blocked, Catch::Contains(std::to_string(open.backend_pid())));
    open.commit();
    journal.tick();
    CHECK(reader.read_all() == Numbers{1});
    CHECK(journal.tidy_at_once().emptied >= 1);
    CHECK(reader.read_all().empty());
}

TEST_CASE("a transaction that has not appended hinders nothing, however long it stays open") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction open{journal.settings()};
    open.take_xid();
    int emptied = 0;
    for (std::int64_t i = 1; i <= 9; ++i) {
        journal.append({i});
        journal.tick();
        CHECK(reader.read_all() == Numbers{i});
        emptied += journal.tidy_at_once().emptied;
        reader.read_all();
    }
    CHECK(emptied >= 5);
}

TEST_CASE("a transaction that appends before and after a rotation is read whole") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction late{journal.settings()};
    late.append({1});
    journal.append({2});
    journal.tick();
    journal.tidy_at_once();
    reader.read_all();
    late.append({3});
    journal.append({4});
    journal.tick();
    CHECK(reader.read_all() == Numbers{4});
    late.commit();
    journal.tick();
    CHECK(reader.read_all() == Numbers{1, 3});
}

TEST_CASE("a reader that has read all and not moved on keeps the tick that it stands on") {
    Journal journal;
    TestReader reader{journal, "billing"};
    journal.append({1});
    journal.tick();
    CHECK(reader.read_all() == Numbers{1});
    REQUIRE(journal.tidy_at_once().rotated);
    // There is nothing in the child that it has not read.
    CHECK(journal.tidy_at_once().emptied == 0);
    reader.take();
    journal.append({2});
    journal.tick();
    CHECK(reader.read_all() == Numbers{2});
    CHECK(journal.tidy_at_once().emptied == 1);
}

TEST_CASE("a tick that a reader is in the middle of is kept, also apart from its entries") {
    Journal journal;
    TestReader reader{journal, "billing"};
    OpenTransaction late{journal.settings()};
    late.append({1});
    journal.append({2});
    journal.append({3});
    // Its tick goes to the next child.
    REQUIRE(journal.tidy_at_once().rotated);
    CHECK(reader.read(1) == Numbers{2});
    late.commit();
    journal.tick();
    REQUIRE(journal.tidy_at_once().rotated);
    postgres::Connection owner = test::open(journal.database().owner());
    for (const std::int16_t child : {std::int16_t{0}, std::int16_t{1}}) {
        CHECK(
            owner.execute("select journal.needed_by($1)", child).only().get<std::optional<std::string>>(0) ==
            "reader \"billing\" has not read all of it");
    }
    // Among the ticks after it is one of an older transaction.
    reader.take();
    CHECK(reader.read_all(1) == Numbers{3, 1});
}

TEST_CASE("a reader whose tick is not there keeps everything") {
    Journal journal;
    TestReader reader{journal, "billing"};
    journal.append({1});
    journal.tick();
    journal.tidy_at_once();
    reader.read_all();
    // As nothing of ours does it.
    test::open(journal.database().owner())
        .execute_script("delete from journal.tick where id = (select max(tick) from journal.position)");
    CHECK(journal.tidy_at_once().emptied == 0);
}
