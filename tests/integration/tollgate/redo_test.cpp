#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

TEST_CASE("what a consumer is done with is done over by command, by time when it is said") {
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
    const std::string one = redo + "--reason x --id " + paid.text();
    CHECK(shell(one, oleg).code == 3);
    CHECK(shell(one).out == told);
    const Ran again = shell(one);
    CHECK(again.code == 3);
    CHECK_THAT(again.err, Catch::Contains("1 message left alone"));
    CHECK(shell(redo + ever + "--execute --reason x", oleg).out == told);
    CHECK(shell(redo + ever + "--execute --reason x --json").out == "{\"started\":1,\"left\":0}\n");
    CHECK(count(shell, "consumer.work where cause = 'redo' and state = 'retrying'") == 3);
    CHECK(count(shell, "tenants.audit where verb = 'message redo' and tenant is not null") == 3);
}
