// A day that is dropped, by the code that drops days, while operators look at what is of it and have it done
// again.
#include <future>

#include <catch2/catch.hpp>

#include "consumer/event_story.hpp"
#include "old_day.hpp"
#include "postgres/transaction.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

const tenants::Actor ann{.name = "ann", .role = tenants::Role::operator_};

}  // namespace

TEST_CASE("a day stays as long as somebody reads the story of one of its events, or lists its letters") {
    const OldDay old;
    const Uuid dead = old.dead();
    postgres::Connection operating = open(old.shell.database().service("operator"));
    const auto read = transact(operating, [&](postgres::Transaction& tx) -> Result<void> {
        const auto story = consumer::tell_story(tx, ann, dead);
        REQUIRE(story.has_value());
        CHECK(old.drops() == "busy");
        CHECK(consumer::tell_story(tx, ann, dead)->consumers.front().state == "dead");
        return {};
    });
    REQUIRE(read.has_value());
    const auto listed = transact(operating, [&](postgres::Transaction& tx) -> Result<void> {
        const auto before = consumer::list_letters(tx, ann, {});
        CHECK(before->letters.size() == 1);
        CHECK(old.drops() == "busy");
        CHECK(consumer::list_letters(tx, ann, {})->letters.front().type == "stripe.invoice.paid");
        return {};
    });
    REQUIRE(listed.has_value());
    CHECK(old.sweep().days_dropped == 1);
    CHECK(old.shell("dead-letter show --consumer billing " + dead.text()).code == 0);
    CHECK_THAT(old.shell("event show " + dead.text()).err, Catch::Contains("its day was dropped"));
    const Ran redone = old.shell("redo --consumer billing --execute --reason x --id " + dead.text());
    CHECK(redone.code == 3);
    CHECK_THAT(redone.err,
               Catch::Contains("1 message of a day that was dropped: nothing is stored any more"));
}

TEST_CASE("what is to be done over keeps its bytes also if that is asked for while its day is looked at") {
    const OldDay old;
    const Uuid done = old.done();
    // Whoever drops the day has looked whether it is needed, and waits.
    constexpr const char* const gate = "4711";
    old.as_owner(
        fmt::format("alter function consumer.needs_day(date) rename to needs_day_really;"
                    "create function consumer.needs_day(day date) returns text language plpgsql security "
                    "definer set lock_timeout = '60s' as $$ declare because constant text := "
                    "consumer.needs_day_really(day); begin perform pg_advisory_xact_lock({}); "
                    "return because; end $$",
                    gate));
    postgres::Connection keeper_of_gate = open(old.shell.database().owner());
    keeper_of_gate.execute(fmt::format("select pg_advisory_lock({})", gate));
    auto swept = std::async(std::launch::async, [&] { return old.sweep(); });
    REQUIRE(wait_until([&] {
        return count(old.shell,
                     "pg_locks where locktype = 'advisory' and not granted and database = (select oid from "
                     "pg_database where datname = current_database())") == 1;
    }));
    const Ran asked = old.shell("redo --consumer billing --execute --reason wrong --id " + done.text());
    CHECK(asked.code == 0);
    keeper_of_gate.execute(fmt::format("select pg_advisory_unlock({})", gate));
    const ingress::Swept kept = swept.get();
    CHECK(kept.days_dropped == 0);
    CHECK_THAT(kept.oldest_kept_because.value_or(""), Catch::Contains("events of it are to be run again"));
    CHECK(old.shell("event body " + done.text()).out == "{}");
    CHECK(count(old.shell, "consumer.work where state = 'retrying'") == 1);
    // Its consumer is done with it.
    old.as_owner("delete from consumer.work");
    CHECK(old.sweep().days_dropped == 1);
}

TEST_CASE("a replay goes on to its end over a day that is dropped in between") {
    const OldDay old;
    for (int i = 0; i < 3; ++i) old.dead();
    REQUIRE(
        old.shell("dead-letter replay --consumer billing --all-tenants --canary 1 --execute --reason mended")
            .code == 0);
    postgres::Connection billing = open(old.shell.database().service("billing"));
    const auto work_off = [&] {
        billing.execute("select consumer.carry_on_replays('billing')");
        billing.execute("delete from consumer.work where consumer = 'billing' and state = 'retrying'");
    };
    billing.execute("select consumer.carry_on_replays('billing')");
    CHECK(count(old.shell, "consumer.replay_item where state = 'started'") == 1);
    CHECK(old.sweep().days_dropped == 1);
    CHECK(count(old.shell, "consumer.work") == 3);
    for (int i = 0; i < 3; ++i) work_off();
    CHECK(count(old.shell, "consumer.work") == 0);
    CHECK_THAT(old.shell("replay list --all-tenants").out, Catch::Contains("done: 3 of 3 started, 3 done"));
}
