// The runtime on both buses, where messages run into the server's time limit: whose fault that is.

#include <catch2/catch.hpp>

#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

// Whoever writes such a value runs into the server's time limit. A sequence keeps count of it, whatever is
// rolled back.
void make_slow(const World& world, const std::string& values) {
    open(world.owner())
        .execute_script(fmt::format(
            "create sequence public.ran_into_it;"
            "create function public.slow() returns trigger language plpgsql security definer as $$ "
            "begin perform nextval('public.ran_into_it'); perform pg_sleep(60); return null; end $$;"
            "create trigger slow after insert on public.effect for each row when ({}) "
            "execute function public.slow()",
            values));
}

std::int64_t times_run_into(const World& world) {
    return open(world.owner())
        .execute("select case when is_called then last_value else 0 end from public.ran_into_it")
        .only()
        .get<std::int64_t>(0);
}

}  // namespace

TEMPLATE_TEST_CASE(
    "a batch that runs into the server's time limit is tried in halves, and uses up nobody's attempts", "",
    JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    // More than ten in a transaction take longer than a statement may. A sequence keeps count of it, whatever
    // is rolled back.
    open(world.owner())
        .execute_script(
            "create sequence public.ran_into_it;"
            "create function public.slow_in_many() returns trigger language plpgsql security definer as $$ "
            "begin if (select count(*) from public.effect where xmin = pg_current_xact_id()::xid) > 10 then "
            "perform nextval('public.ran_into_it'); perform pg_sleep(60); end if; return null; end $$;"
            "create trigger slow after insert on public.effect for each row execute function "
            "public.slow_in_many()");
    world.publish(numbered(1, 40));
    MemberSettings settings = world.member();
    settings.database.statement_timeout = 2s;
    const Running running{settings};
    REQUIRE(comes_true([&] { return count(world, "consumer.inbox") == 40; }));
    CHECK(world.effects() == numbers(1, 40));
    CHECK(work(world).empty());
    CHECK(count(world, "consumer.attempt") == 0);
    const auto told = [&](const std::string& sql) {
        return open(world.owner()).execute(sql).only().template get<std::int64_t>(0);
    };
    CHECK(told("select last_value from public.ran_into_it where is_called") >= 1);
    // In halves, and not one by one.
    const auto largest =
        told("select max(n) from (select count(*) as n from public.effect group by xmin::text) t");
    CHECK(largest > 1);
    CHECK(largest <= 10);
}

TEMPLATE_TEST_CASE("one message that takes too long, while others go through, soon waits by itself", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    make_slow(world, "new.value = '7'");
    world.publish(bodies({"1", "7", "3", "4"}));
    MemberSettings settings = world.member();
    settings.database.statement_timeout = 1s;
    const Running running{settings, [](consumer::RuntimeSettings& runtime) {
                              runtime.retries.backoff = {.base = 60s, .cap = 60s};
                          }};
    REQUIRE(comes_true(
        [&] { return sorted(world.effects()) == Strings{"1", "3", "4"} && work(world).size() == 1; }));
    CHECK_THAT(work(world).front(),
               Catch::StartsWith("retrying 1: ") && Catch::Contains("others go through"));
    // In halves, then twice alone.
    CHECK(times_run_into(world) <= 5);
    // Nor does it hold up others for long when it is due again.
    const std::int64_t before = times_run_into(world);
    open(world.settings()).execute("update consumer.work set due_at = clock_timestamp()");
    REQUIRE(comes_true([&] {
        world.publish(bodies({"5"}));
        return work(world).front().starts_with("retrying 2: ");
    }));
    CHECK_THAT(work(world).front(), Catch::Contains("others go through"));
    CHECK(times_run_into(world) - before <= 5);
}

TEMPLATE_TEST_CASE("one that takes too long when it is due does not hold up what else is due", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    make_slow(world, "new.value = '7'");
    open(world.owner())
        .execute_script(
            "create function public.bad() returns trigger language plpgsql as $$ "
            "begin raise 'bad' using errcode = '22000'; end $$;"
            "create trigger bad before insert on public.effect for each row execute function public.bad()");
    world.publish(bodies({"1", "7", "3", "4"}));
    MemberSettings settings = world.member();
    settings.database.statement_timeout = 1s;
    const Running running{settings, [](consumer::RuntimeSettings& runtime) {
                              runtime.retries.backoff = {.base = 60s, .cap = 60s};
                          }};
    REQUIRE(comes_true([&] { return work(world).size() == 4; }));
    REQUIRE(times_run_into(world) == 0);
    open(world.owner()).execute("drop trigger bad on public.effect");
    // The slow one has been due for longest, and nothing else comes.
    open(world.settings())
        .execute(
            "update consumer.work set due_at = clock_timestamp() - case when message_id = "
            "(select id from archive.event where body = convert_to('7', 'UTF8')) then interval '9 seconds' "
            "else interval '0' end");
    REQUIRE(comes_true([&] {
        return sorted(world.effects()) == Strings{"1", "3", "4"} && work(world).size() == 1 &&
               work(world).front().starts_with("retrying 2: ");
    }));
    CHECK_THAT(work(world).front(), Catch::Contains("others go through"));
    CHECK(times_run_into(world) <= 5);
}

TEMPLATE_TEST_CASE("where all messages take too long none is at fault", "", JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    make_slow(world, "true");
    world.publish(bodies({"1", "7", "3", "4"}));
    MemberSettings settings = world.member();
    settings.database.statement_timeout = 300ms;
    const Running running{settings};
    REQUIRE(comes_true([&] { return times_run_into(world) >= 8; }));
    CHECK(work(world).empty());
    CHECK(count(world, "consumer.attempt") == 0);
    open(world.owner()).execute("drop trigger slow on public.effect");
    CHECK(comes_true([&] { return sorted(world.effects()) == Strings{"1", "3", "4", "7"}; }));
}
