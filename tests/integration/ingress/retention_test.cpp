#include "ingress/retention.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "archive/events.hpp"
#include "fixtures.hpp"
#include "journal/readers.hpp"
#include "postgres/transaction.hpp"

using namespace tollgate;
using ingress::Fate;
using test::Ingress;
using test::request;

namespace {

constexpr ingress::RetentionSettings a_week{.horizon_days = 7, .blocks_at_once = 1};

struct Old {
    Old() {
        // Of a consumer; the entries go when a keeper has seen that it has read them, and here by hand.
        postgres::Connection relay = test::open(database.service("relay"));
        REQUIRE(journal::register_reader(relay, "relay").has_value());
        CHECK(write(-8).has_value());
        CHECK(write(-7).has_value());
    }

    // An event of so many days ago.
    Result<ingress::Receipt> write(int days_ago, const std::string& content = "1",
                                   const std::string& id = "") {
        const Timestamp time = SystemClock{}.now() + std::chrono::days{days_ago};
        auto events = request({.id = id.empty() ? std::to_string(days_ago) : id, .content = content});
        const Uuid first = first_uuid_v7_at(time);
        std::copy_n(first.bytes.begin(), 6, events[0].event.id.bytes.begin());
        return ingress.commit(events);
    }

    void owner(const std::string& sql) const { test::open(database.owner()).execute_script(sql); }
    Result<ingress::Swept> sweep() {
        postgres::Connection connection = test::open(database.service("ingress"));
        return ingress::sweep(connection, a_week, {});
    }
    std::int64_t prune() {
        postgres::Connection connection = test::open(database.service("ingress"));
        return ingress::prune_keys(connection, a_week.blocks_at_once, {}).value();
    }
    std::size_t events() const { return test::stored(database.owner()).events.size(); }

    test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress")};
};

}  // namespace

TEST_CASE("a day beyond the horizon is dropped once nothing needs it") {
    Old old;
    const auto kept = old.sweep();
    REQUIRE(kept.has_value());
    CHECK(kept->days_dropped == 0);
    CHECK_THAT(kept->oldest_kept_because.value_or(""), Catch::Contains("the journal has entries"));
    CHECK(old.events() == 2);

    old.owner("truncate journal.entry");
    const auto dropped = old.sweep();
    REQUIRE(dropped.has_value());
    CHECK(dropped->days_dropped == 1);
    CHECK_FALSE(dropped->oldest_kept_because.has_value());
    CHECK(old.events() == 1);
    CHECK(old.sweep()->days_dropped == 0);
}

TEST_CASE("as long as nobody is registered to read, no day is dropped") {
    Old old;
    old.owner("truncate journal.entry; delete from journal.reader");
    CHECK_THAT(old.sweep()->oldest_kept_because.value_or(""), Catch::Contains("nobody is registered"));
    CHECK(old.events() == 2);
}

TEST_CASE("a held event outlives its day, and its release brings it back as it was") {
    Old old;
    // The last event of a request, whose bytes are with its first.
    auto events =
        request(std::vector<test::Incoming>{{.id = "new", .content = "{}"}, {.id = "-8", .content = "[2]"}});
    const Uuid first = first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{8});
    for (auto& event : events) std::copy_n(first.bytes.begin(), 6, event.event.id.bytes.begin());
    for (auto& event : events) event.event.slice->of = events[0].event.id;
    const auto receipt = old.ingress.commit(events);
    REQUIRE(receipt.has_value());
    REQUIRE(receipt->at(1).fate == Fate::held);
    const Uuid held = receipt->at(1).event_id;
    const auto read = [&] {
        postgres::Connection connection = test::open(old.database.owner());
        return transact(connection,
                        [&](postgres::Transaction& tx) {
                            return Result<std::vector<archive::Event>>{archive::read(tx, std::array{held})};
                        })
            .value();
    };
    const auto before = read();
    REQUIRE(before.size() == 1);
    CHECK(before[0].body == "[2]");
    old.owner("truncate journal.entry");
    CHECK(old.sweep()->days_dropped == 1);
    CHECK(read().empty());

    old.owner(
        fmt::format("set tollgate.tenant = '*'; "
                    "insert into tenants.audit (actor, verb, arguments, result) values ('x', 'held release', "
                    "'{{}}', '{{}}'); "
                    "update ingress.held set state = 'released', settled_at = now(), settled_by = 'x' where "
                    "event_id = '{0}'; "
                    "select ingress.bring_back(array['{0}'::uuid])",
                    held));
    auto after = read();
    REQUIRE(after.size() == 1);
    after[0].slice = before[0].slice;
    CHECK(after == before);
    CHECK(old.sweep()->days_dropped == 1);
}

TEST_CASE("days are made ahead") {
    Old old;
    const auto days = [&] {
        return test::open(old.database.owner())
            .execute("select count(*) from pg_inherits where inhparent = 'archive.event'::regclass")
            .only()
            .get<std::int64_t>(0);
    };
    const auto before = days();
    old.owner(
        "do $$ begin execute format('drop table archive.event_%s', "
        "to_char((now() at time zone 'UTC')::date + 5, 'YYYYMMDD')); end $$");
    old.owner("truncate journal.entry");
    CHECK(old.sweep()->days_made == 1);
    CHECK(days() == before - 1);
}

TEST_CASE("keys are forgotten when they have expired, and the others stay for ever") {
    Old old;
    constexpr int count = 3000;
    for (int i = 0; i < count; ++i) {
        auto events = request({.id = "k" + std::to_string(i)});
        if (i % 3 == 0) events[0].keys_expire = SystemClock{}.now() - std::chrono::hours{1};
        if (i % 3 == 1) events[0].keys_expire = SystemClock{}.now() + std::chrono::hours{1};
        old.ingress.begin(std::move(events));
    }
    REQUIRE(old.ingress.commit_one({.id = "last"}).fate == Fate::accepted);
    REQUIRE(old.ingress.commit_one({.id = "k2999"}).fate == Fate::duplicate);
    CHECK(old.prune() == count / 3);
    CHECK(old.prune() == 0);
    CHECK(old.ingress.commit_one({.id = "k0"}).fate == Fate::accepted);
    CHECK(old.ingress.commit_one({.id = "k1"}).fate == Fate::duplicate);
    CHECK(old.ingress.commit_one({.id = "k2"}).fate == Fate::duplicate);
}

TEST_CASE("who is in the way of a drop is waited for only a moment, and those who write hardly notice") {
    Old old;
    old.owner("truncate journal.entry");
    postgres::Connection reading = test::open(old.database.owner());
    postgres::Transaction open{reading};
    open.execute("select count(*) from archive.event");
    postgres::Connection connection = test::open(old.database.service("ingress"));
    const auto dropped = transact(connection, [](postgres::Transaction& tx) {
        return tx.execute("select kept_because from ingress.drop_days(7)").only().get<std::string>(0);
    });
    CHECK(dropped == "busy");
    CHECK(old.ingress.commit_one({.id = "meanwhile"}).fate == Fate::accepted);
    open.commit();
    CHECK(old.sweep()->days_dropped == 1);
}
