// What takes long tells on stderr how far it is. Here it takes long because somebody holds a lock.
#include <catch2/catch.hpp>

#include "letters.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// Longer than a command is silent.
constexpr const char* longer = "2100 ms";

// The command, which meets a table that is locked until it has waited so long.
Ran delayed(const Shell& shell, const std::string& table, const std::vector<std::string>& command) {
    postgres::Connection owner = open(shell.database().owner());
    postgres::Connection observer = open(shell.database().owner());
    owner.execute_script("set idle_in_transaction_session_timeout = 0; begin; lock table " + table +
                         " in access exclusive mode");
    ChildProcess process{built("tollgate"), command, shell.environment()};
    const bool has_waited = wait_until([&] {
        return !observer
                    .execute(
                        "select from pg_stat_activity where datname = current_database() and "
                        "wait_event_type = 'Lock' and query_start < clock_timestamp() - $1::interval",
                        longer)
                    .empty();
    });
    owner.execute_script("rollback");
    const int code = process.wait();
    CHECK(has_waited);
    return {.code = code, .out = process.out(), .err = process.err()};
}

}  // namespace

TEST_CASE("an export and a discard that take long tell how far they are") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    for (int i = 0; i < 3; ++i) make_letter(shell, {.tenant = acme});
    const Ran exported =
        delayed(shell, "consumer.work", {"dead-letter", "export", "--all-tenants", "--consumer", "billing"});
    CHECK(exported.code == 0);
    CHECK_THAT(exported.err, Catch::StartsWith("3 messages written\n"));
    const Ran discarded = delayed(
        shell, "consumer.work",
        {"dead-letter", "discard", "--all-tenants", "--consumer", "billing", "--execute", "--reason", "x"});
    CHECK(discarded.code == 0);
    CHECK_THAT(discarded.err, Catch::StartsWith("3 messages discarded\n"));
}

TEST_CASE("a redo that takes long tells how far it is") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    for (int i = 0; i < 3; ++i) make_event(shell, acme, "invoice.paid", "{}", "billing");
    const Ran redone = delayed(shell, "consumer.inbox",
                               {"redo", "--consumer", "billing", "--all-tenants", "--since", "2h", "--limit",
                                "1", "--execute", "--reason", "x"});
    CHECK(redone.code == 0);
    CHECK_THAT(redone.err, Catch::StartsWith("1 message will be done over, of those received until 20"));
    CHECK_THAT(redone.out, Catch::StartsWith("1 message will be done over by billing now"));
}

TEST_CASE("settling all events that are held tells how far it is when it takes long") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    open(shell.database().owner())
        .execute_script(fmt::format(
            "set tollgate.tenant = '*'; insert into ingress.held (tenant, event_id, source, provider, type, "
            "conflicts_with, reason) select '{}', gen_random_uuid(), 'shop', 'stripe', 'invoice.paid', "
            "gen_random_uuid(), 'other content' from generate_series(1, 5)",
            acme));
    const Ran settled = delayed(
        shell, "ingress.held",
        {"held", "discard", "--all", "--all-tenants", "--limit", "2", "--json", "--reason", "a test run"});
    CHECK(settled.code == 0);
    CHECK(settled.out == "{\"events\":5}\n");
    CHECK_THAT(settled.err, Catch::StartsWith("2 events discarded\n"));
}
