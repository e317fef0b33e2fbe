#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

TEST_CASE("what a consumer is done with is done over by command when it is said, and else shown") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    make_consumer(shell);
    const Uuid paid = make_event(shell, acme, "invoice.paid", "{}", "billing");
    make_event(shell, acme, "charge.failed", "{}", "billing");
    make_event(shell, other, "invoice.paid", "{}", "billing");
    make_event(shell, acme, "invoice.paid", "{}");
    const std::string redo = "redo --consumer billing ";
    const std::string told =
        "1 message will be done over by billing now: `tollgate event show` tells what comes of it\n";
    const std::string ever = "--all-tenants --since 2020-01-01T00:00:00Z ";

    CHECK(boost::json::parse(shell(redo + ever + "--json").out).at("count") == 3);
    CHECK_THAT(
        shell(redo + "--tenant acme --since 2020-01-01T00:00:00Z --type stripe.invoice.paid").out,
        Catch::StartsWith("1 message would be done over by billing; nothing was done\n  " + paid.text()));
    CHECK(shell(redo + ever + "--until 2020-01-02T00:00:00Z").code == 3);
    CHECK(shell(redo + "--all-tenants").code == 2);
    CHECK(shell("redo " + ever).code == 2);
    CHECK(shell(redo + ever + "--execute").code == 2);
    CHECK(shell(redo + ever + "--execute --reason x", shell.as("vera", "--role viewer")).code == 4);
    CHECK(count(shell, "consumer.work") == 0);

    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    const std::string look = redo + "--reason x --id " + paid.text();
    const std::string one = look + " --execute";
    CHECK(shell(one, oleg).code == 3);
    CHECK(boost::json::parse(shell(look + " --json").out).at("count") == 1);
    // The other filters hold for it too.
    for (const std::string other_kind : {" --tenant other", " --all-tenants --type stripe.charge.failed",
                                         " --until 2020-01-01T00:00:00Z", " --since 2200-01-01T00:00:00Z"}) {
        INFO(other_kind);
        CHECK(shell(look + other_kind).code == 3);
        CHECK(shell(one + other_kind).code == 3);
    }
    CHECK(count(shell, "consumer.work") == 0);
    CHECK(shell(one + " --tenant acme --type invoice.paid").out == told);
    const Ran again = shell(one);
    CHECK(again.code == 3);
    CHECK_THAT(again.err, Catch::Contains("1 message left alone"));
    CHECK(shell(redo + ever + "--execute --reason x", oleg).out == told);
    CHECK(shell(redo + ever + "--execute --reason x --json").out ==
          "{\"started\":1,\"left\":0,\"not_started\":0,\"go_on_since\":null}\n");
    CHECK(count(shell, "consumer.work where cause = 'redo' and state = 'retrying'") == 3);
    CHECK(count(shell, "tenants.audit where verb = 'redo' and tenant is not null") == 3);
}

TEST_CASE("however much a filter matches is done over, and each step's row has the filter and the result") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_event(shell, acme, "other", "{}", "billing");
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script(fmt::format(
        "set tollgate.tenant = '*'; with made as ("
        "select consumer.first_id_at(date_trunc('day', now(), 'UTC') + g * interval '1 ms') as id "
        "from generate_series(1, 4500) g), stored as ("
        "insert into archive.event (id, tenant, source, provider, type, headers, body) "
        "select id, '{0}', 'shop', 'stripe', 'paid', '', '' from made) "
        "insert into consumer.inbox (consumer, message_id, tenant) select 'billing', id, '{0}' "
        "from made",
        acme));
    const std::string all = "redo --consumer billing --tenant acme --type stripe.paid --since ";
    const std::string redo = all + "2020-01-01T00:00:00Z";
    const Ran dry = shell(redo);
    CHECK_THAT(dry.out,
               Catch::StartsWith("4500 messages would be done over") && Catch::Contains("and 4490 more\n"));
    const std::string order = " --execute --reason wrong --json";
    const Ran few = shell(redo + " --limit 3");
    CHECK_THAT(few.out, Catch::StartsWith("3 messages would be done over") && !Catch::Contains(" more"));
    CHECK_THAT(few.err, Catch::Contains("4497 more match, beyond --limit"));
    const Ran some = shell(redo + order + " --limit 4100");
    INFO(some.err);
    const auto told = boost::json::parse(some.out);
    CHECK(told.at("started") == 4100);
    CHECK(told.at("not_started") == 400);
    CHECK_THAT(some.err, Catch::Contains("400 more match, beyond --limit: to go on, the same with "
                                         "--since " +
                                         std::string{told.at("go_on_since").as_string()}));
    CHECK(shell(all + std::string{told.at("go_on_since").as_string()} + order).code == 0);
    CHECK(count(shell, "consumer.work where cause = 'redo'") == 4500);
    CHECK(shell(redo).code == 3);
    const std::string rows =
        "tenants.audit where verb = 'redo' and reason = 'wrong' and arguments ->> 'type' = 'stripe.paid' "
        "and arguments ->> 'tenant' = 'acme' and arguments ? 'since' and arguments ? 'until'";
    CHECK(count(shell, rows) == 4);
    CHECK(owner.execute("select sum((result ->> 'started')::int) from tenants.audit where verb = 'redo'")
              .only()
              .get<std::int64_t>(0) == 4500);
    CHECK_THAT(shell("audit log --tenant acme --verb redo").out, Catch::Contains("stripe.paid"));
    const Ran nobody = shell("redo --consumer biling --tenant acme --since 2020-01-01T00:00:00Z");
    CHECK(nobody.code == 2);
    CHECK_THAT(nobody.err, Catch::Contains("no consumer \"biling\" is registered: did you mean billing?"));
}
