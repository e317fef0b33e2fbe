#include "ingress/retention.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "archive/events.hpp"
#include "fixtures.hpp"
#include "gateway.hpp"
#include "ingress/held.hpp"
#include "old_events.hpp"
#include "postgres/transaction.hpp"

using namespace tollgate;
using ingress::Fate;
using test::Old;
using test::request;

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
    const Uuid acme = test::Office{old.database.owner()}.create_tenant("acme");
    const auto commit_old = [&](ingress::Events events) {
        const Uuid first = first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{8});
        for (auto& event : events) {
            std::copy_n(first.bytes.begin(), 6, event.event.id.bytes.begin());
            event.event.tenant = acme;
            if (event.event.slice) event.event.slice->of = events[0].event.id;
        }
        return old.ingress.commit(events).value();
    };
    commit_old(request({.id = "known", .content = "[1]"}));
    // The last event of a request, whose bytes are with its first.
    const auto receipt =
        commit_old(request(std::vector<test::Incoming>{{.id = "new"}, {.id = "known", .content = "[2]"}}));
    REQUIRE(receipt.at(1).fate == Fate::held);
    Uuid held = receipt.at(1).event_id;
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

    // As if it had waited for so long that no event comes from its day any more.
    const Uuid dropped = std::exchange(held, first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{60}));
    old.owner(
        fmt::format("set tollgate.tenant = '*'; update ingress.held set event_id = '{0}', "
                    "kept = kept || '{{\"id\": \"{0}\"}}' where event_id = '{1}'",
                    held, dropped));
    postgres::Connection operating = test::open(old.database.service("operator"));
    const tenants::Actor anna{.name = "anna", .role = tenants::Role::operator_};
    const auto released = transact(operating, [&](postgres::Transaction& tx) {
        return ingress::release_held(tx, anna, held, "it is right");
    });
    REQUIRE(released.has_value());
    auto after = read();
    REQUIRE(after.size() == 1);
    after[0].slice = before[0].slice;
    after[0].id = before[0].id;
    CHECK(after == before);
    CHECK(old.sweep()->days_dropped == 0);
    old.owner("truncate journal.entry");
    CHECK(old.sweep()->days_dropped == 1);
}

TEST_CASE("what a reader could not pass on keeps its day") {
    Old old;
    old.owner(
        "truncate journal.entry; insert into journal.refused (reader, tenant, topic, event_id, reason) "
        "select 'relay', tenant, 'raw', id, 'too large' from archive.event order by id limit 1");
    CHECK_THAT(old.sweep()->oldest_kept_because.value_or(""), Catch::Contains("--consumer relay"));
    CHECK(old.events() == 2);
    old.owner("select consumer.register_consumer('billing', 'raw', true)");
    old.owner(
        "begin; select set_config('tollgate.tenant', '*', true); "
        "insert into tenants.audit (actor, verb) values ('anna', 'dead-letter discard'); "
        "select consumer.settle_refused(array(select id from journal.refused), false); commit");
    CHECK(old.sweep()->days_dropped == 1);
    CHECK(old.events() == 1);
    old.owner(
        "select set_config('tollgate.tenant', '*', false);"
        "do $$ begin "
        "assert not exists (select from consumer.work), 'what was given up goes with its day'; "
        "assert not exists (select from journal.refused), 'and so does the entry'; end $$");
}

TEST_CASE("a day is kept until every consumer has its events, and what they know of it goes with it") {
    Old old;
    old.owner("truncate journal.entry");
    old.owner("select consumer.register_consumer('billing', 'raw', true)");
    CHECK_THAT(old.sweep()->oldest_kept_because.value_or(""),
               Catch::Contains("consumer \"billing\" has not got 1 of its 1 events"));
    CHECK(old.events() == 2);

    old.owner(
        "select consumer.make_days_of(array(select id from archive.event));"
        "insert into consumer.inbox (consumer, message_id, tenant) select 'billing', id, tenant from "
        "archive.event");
    old.owner(
        "select set_config('tollgate.tenant', '*', false);"
        "insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, outcome, reason, build) "
        "select id, 'billing', tenant, 1, 'stream', 'retry', 'x', 'test' from archive.event");
    const auto dropped = old.sweep();
    CHECK(dropped->days_dropped == 1);
    CHECK(old.events() == 1);
    old.owner(
        "select set_config('tollgate.tenant', '*', false);"
        "do $$ begin "
        "assert (select count(*) = 1 from consumer.inbox), 'one row of the inbox is left'; "
        "assert (select count(*) = 1 from consumer.attempt), 'one attempt is left'; "
        "assert (select dropped_up_to is not null from consumer.horizon), 'the horizon is known'; end $$");
}

TEST_CASE("what is held or was discarded is withheld from consumers, and what was released is not") {
    Old old;
    const Uuid acme = test::Office{old.database.owner()}.create_tenant("acme");
    const auto commit_of = [&](const std::string& content) {
        auto events = request({.id = "known", .content = content});
        events[0].event.tenant = acme;
        return old.ingress.commit(events)->at(0);
    };
    commit_of("[1]");
    const auto first = commit_of("[2]");
    const auto second = commit_of("[3]");
    REQUIRE(second.fate == Fate::held);
    const auto withheld = [&] {
        postgres::Connection connection = test::open(old.database.owner());
        return connection.execute("select count(*) from archive.withheld").only().get<std::int64_t>(0);
    };
    CHECK(withheld() == 2);
    const auto settle = [&](const Uuid& id, const std::string& state) {
        old.owner(
            "select set_config('tollgate.tenant', '*', false); begin;"
            "insert into tenants.audit (actor, verb, arguments, result) values ('ann', 'held settle', '{}', "
            "'{}');"
            "update ingress.held set state = '" +
            state +
            "', settled_at = now(), settled_by = 'ann' "
            "where event_id = '" +
            id.text() + "'; commit");
    };
    settle(first.event_id, "released");
    CHECK(withheld() == 1);
    settle(second.event_id, "discarded");
    CHECK(withheld() == 1);
}

TEST_CASE("a day goes with its payment events, once those who read them have got them") {
    Old old;
    old.owner("truncate journal.entry; select consumer.register_consumer('billing', 'payment', true)");
    const Uuid oldest = std::ranges::min(test::stored(old.database.owner()).events);
    postgres::Connection enrichment = test::open(old.database.service("enrichment"));
    enrichment.execute(
        "insert into archive.payment_event (id, tenant, source, provider, category, type, data) "
        "values ($1, $2, 's', 'p', 'other', 't', '')",
        oldest, test::tenant);
    const auto payments = [&] {
        return enrichment.execute("select count(*) from archive.payment_event").only().get<std::int64_t>(0);
    };
    CHECK_THAT(old.sweep()->oldest_kept_because.value_or(""),
               Catch::Contains("consumer \"billing\" has not got 1 of its 1 events"));
    CHECK(payments() == 1);

    postgres::Connection billing = test::open(old.database.service("billing"));
    billing.execute("select consumer.make_days_of($1)", std::vector{oldest});
    billing.execute("insert into consumer.inbox values ('billing', $1, $2)", oldest, test::tenant);
    {
        // A redo of enrichment is under way, and its entry is not to be seen yet.
        postgres::Connection redoing = test::open(old.database.service("enrichment"));
        redoing.execute("set idle_in_transaction_session_timeout = 0");
        postgres::Transaction open{redoing};
        open.execute("update archive.payment_event set data = 'x' where id = $1", oldest);
        CHECK(old.sweep()->days_dropped == 0);
    }
    CHECK(old.sweep()->days_dropped == 1);
    CHECK(payments() == 0);
    CHECK(old.events() == 1);
}

TEST_CASE("who reads old events for hours is waited for a few times, and not again until later") {
    Old old;
    old.owner("truncate journal.entry");
    postgres::Connection reading = test::open(old.database.owner());
    reading.execute("set idle_in_transaction_session_timeout = 0");
    postgres::Transaction open{reading};
    open.execute("select count(*) from archive.event");
    CHECK_THAT(old.sweep()->oldest_kept_because.value_or(""), Catch::Contains("somebody reads its events"));
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
    constexpr std::size_t at_once = 500;  // fewer than the queue takes of one tenant
    std::vector<std::future<Result<ingress::Receipt>>> begun;
    for (int i = 0; i < count; ++i) {
        auto events = request({.id = "k" + std::to_string(i)});
        if (i % 3 == 0) events[0].keys_expire = SystemClock{}.now() - std::chrono::hours{1};
        if (i % 3 == 1) events[0].keys_expire = SystemClock{}.now() + std::chrono::hours{1};
        begun.push_back(old.ingress.begin(std::move(events)));
        if (begun.size() < at_once) continue;
        for (auto& each : begun) REQUIRE(each.get());
        begun.clear();
    }
    REQUIRE(begun.empty());
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
        return tx.execute("select progress from ingress.drop_days(7)").only().get<std::string>(0);
    });
    CHECK(dropped == "busy");
    CHECK(old.ingress.commit_one({.id = "meanwhile"}).fate == Fate::accepted);
    open.commit();
    CHECK(old.sweep()->days_dropped == 1);
}
