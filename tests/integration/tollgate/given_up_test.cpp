// What the relay could not put on the bus, and an operator gives up.
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

void execute(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*';" + sql);
}

void turn_to_kafka(const Shell& shell) {
    execute(shell,
            "update consumer.bus set bus = 'kafka', since = now() - interval '2 days';"
            "insert into journal.publishing (since) values (now() - interval '1 day');"
            "insert into tenants.audit (actor, verb) values ('test', 'bus kafka')");
}

}  // namespace

TEST_CASE("an entry of the relay that is given up is discarded for each consumer, and nobody waits for it") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell, "billing");
    make_consumer(shell, "enrichment");
    execute(shell, "update consumer.consumer set input = 'payment' where name = 'billing'");
    const Uuid id = make_refused(shell, acme, make_event(shell, acme, "invoice.paid", "{}"));
    turn_to_kafka(shell);
    const auto audit = [&] { return shell("audit --audit-patience 1ms"); };
    const Ran open_yet = audit();
    CHECK(open_yet.code == 1);
    CHECK_THAT(open_yet.out, Contains("1 exception among 1 events") && Contains("refused by Kafka"));

    const Ran given_up =
        shell("dead-letter discard --consumer relay --execute --reason test --id " + id.text());
    INFO(given_up.err);
    REQUIRE(given_up.out == "1 message discarded\n");
    CHECK(count(shell, "consumer.work where consumer = 'enrichment' and state = 'discarded'") == 1);
    CHECK(count(shell, "consumer.work") == 1);
    const Ran settled = audit();
    INFO(settled.out << settled.err);
    CHECK(settled.code == 0);
    CHECK_THAT(shell("event show " + id.text()).out,
               Contains("relay refused: Broker") && Contains("relay discarded: by ann: test\n") &&
                   Contains("enrichment discarded: by ann: test\n") &&
                   Contains("  enrichment: discarded: it could not be put on the bus") &&
                   Contains("  billing: discarded: enrichment's message was given up"));
    // No refill brings it back, and nobody appends it again.
    execute(shell, "select consumer.ask_for_refill('enrichment', 'a test')");
    execute(shell, "select consumer.refill('enrichment', 100)");
    const std::string letters = " --all-tenants --consumer relay --state all";
    CHECK(shell("dead-letter replay --execute --reason x" + letters).code == 3);
    CHECK(count(shell, "journal.entry") == 0);
    CHECK(shell("dead-letter list --all-tenants --consumer relay").code == 3);
    CHECK_THAT(shell("dead-letter list" + letters).out, Contains("discarded"));
}

TEST_CASE("what follows from a message that enrichment gives up reaches nobody, and nobody is said to wait") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell, "enrichment");
    make_consumer(shell, "billing");
    execute(shell, "update consumer.consumer set input = 'payment' where name = 'billing'");
    const Uuid id = make_letter(
        shell,
        {.tenant = acme, .consumer = "enrichment", .id = make_event(shell, acme, "invoice.paid", "{}")});
    const auto story = [&] { return shell("event show " + id.text()).out; };
    CHECK_THAT(story(), Contains("  billing: waiting\n"));
    REQUIRE(shell("dead-letter discard --consumer enrichment --execute --reason x --id " + id.text()).code ==
            0);
    CHECK_THAT(story(), Contains("  billing: discarded: enrichment's message was given up"));
    // One that had a payment event before is due to who has not got it.
    execute(
        shell,
        fmt::format("insert into archive.payment_event (id, tenant, source, provider, category, type, data) "
                    "values ('{}', '{}', 's', 'stripe', 'other', 't', '')",
                    id, acme));
    CHECK_THAT(story(), Contains("  billing: waiting\n"));
}

TEST_CASE("the story tells why the bus refused an event that was appended again") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid id = make_refused(shell, acme, make_event(shell, acme, "invoice.paid", "{}"));
    REQUIRE(shell("dead-letter replay --tenant acme --consumer relay --execute --reason wider").code == 0);
    CHECK_THAT(shell("event show " + id.text()).out,
               Contains("relay refused: Broker: Message size too large") && Contains("by ann: wider"));
}

TEST_CASE("what consumers have got of an entry that is given up stays as it is") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell, "billing");
    make_consumer(shell, "enrichment");
    const Uuid done = make_refused(shell, acme, make_event(shell, acme, "invoice.paid", "{}", "billing"));
    REQUIRE(shell("dead-letter discard --all-tenants --consumer relay --execute --reason x").code == 0);
    const auto story = shell("event show " + done.text()).out;
    CHECK_THAT(story, Contains("  billing: done\n") && Contains("  enrichment: discarded"));
    // One that is registered later, and is to have all that is stored, gets it.
    execute(shell, "select consumer.register_consumer('example', 'raw', true)");
    execute(shell, "select consumer.refill('example', 100)");
    CHECK(count(shell, fmt::format("journal.entry where event_id = '{}'", done)) == 1);
}
