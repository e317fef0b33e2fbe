// What goes with a day that is dropped, and what of it stays.
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

void execute(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*';" + sql);
}

}  // namespace

TEST_CASE("what is dead stays with its attempts when its day is dropped, and replays that ended before go") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid old = first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{3});
    make_letter(shell, {.tenant = acme, .id = old});
    make_letter(shell, {.tenant = acme});
    const std::string order =
        "dead-letter replay --all-tenants --consumer billing --limit 1 --execute --reason x";
    for (int i = 0; i < 2; ++i) REQUIRE(shell(order).code == 0);
    execute(shell,
            "update consumer.replay set state = 'done', ended_at = created_at - interval '2 days' "
            "where id = (select min(id::text)::uuid from consumer.replay)");
    execute(shell, "select consumer.drop_day((now() - interval '1 day')::date)");
    CHECK(count(shell, "consumer.work where message_id = '" + old.text() + "'") == 1);
    CHECK(count(shell, "consumer.attempt where message_id = '" + old.text() + "'") == 1);
    CHECK(count(shell, "consumer.replay") == 1);
    CHECK(count(shell, "consumer.replay_item") == 1);
    execute(shell, "delete from consumer.work; select consumer.drop_day((now() - interval '1 day')::date)");
    CHECK(count(shell, "consumer.attempt where message_id = '" + old.text() + "'") == 0);
}

TEST_CASE("a redo that died keeps no day, and one that is to be run does") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_event(shell, acme, "invoice.paid", "{}", "billing");
    REQUIRE(shell("redo --consumer billing --tenant acme --since 2020-01-01T00:00:00Z --execute --reason x")
                .code == 0);
    const auto is_needed = [&] {
        execute(shell, "update consumer.consumer set since = '00000000-0000-0000-0000-000000000000'");
        postgres::Connection owner = open(shell.database().owner());
        return !owner
                    .execute(
                        "select from consumer.needs_day((now() at time zone 'UTC')::date) n where n is not "
                        "null")
                    .empty();
    };
    CHECK(is_needed());
    execute(shell, "update consumer.work set state = 'dead', due_at = null");
    CHECK_FALSE(is_needed());
}
