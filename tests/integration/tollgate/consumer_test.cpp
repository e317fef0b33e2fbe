// `tollgate consumer`, as an operator types it.
#include <algorithm>

#include <catch2/catch.hpp>

#include "letters.hpp"
#include "many_events.hpp"
#include "shell.hpp"
#include "support/database.hpp"

using namespace tollgate;
using test::Ran;

TEST_CASE("consumers are shown, and one that does not come back is retired with its audit row") {
    test::Shell shell;
    const Ran none = shell("consumer list");
    CHECK(none.code == 3);
    CHECK_THAT(none.err, Catch::Contains("nobody consumes the events"));
    test::open(shell.database().service("billing"))
        .execute("select consumer.register_consumer('reports', 'raw', false)");
    CHECK_THAT(shell("consumer list").out, Catch::Contains("reports") && Catch::Contains("raw"));
    CHECK_THAT(shell("consumer list --json").out,
               Catch::StartsWith(R"({"name":"reports","input":"raw","registered_at":"2)"));
    const Ran retired = shell("consumer retire reports --reason trial");
    CHECK(retired.code == 0);
    CHECK_THAT(retired.out, Catch::StartsWith("retired reports"));
    CHECK_THAT(shell("audit log --all-tenants --json").out, Catch::Contains(R"("verb":"consumer retire")"));
    CHECK(shell("consumer retire reports").code == 3);
    CHECK(shell("consumer retire reports", shell.as("vic", "--role viewer")).code == 4);
}

TEST_CASE("what waits for a consumer is counted, of those who may see it, and not beyond a thousand") {
    test::Shell shell;
    const Uuid acme = test::make_tenant(shell, "acme");
    test::make_tenant(shell, "bolt");
    test::make_consumer(shell, "reports");
    const auto waiting = [&](const test::ChildProcess::Environment& more = {}) {
        const std::string listed = shell("consumer list --json", more).out;
        const auto from = std::min(listed.find(R"("waiting":)"), listed.size());
        return listed.substr(from, listed.find(R"(,"retrying")") - from);
    };
    CHECK(waiting() == R"("waiting":0,"waiting_more":false)");
    test::make_event(shell, acme, "invoice.paid", "{}", "reports");
    const Uuid first = test::make_event(shell, acme, "invoice.paid", "{}");
    CHECK(waiting() == R"("waiting":1,"waiting_more":false)");
    CHECK(waiting(shell.as("ben", "--role viewer --tenant bolt")) == R"("waiting":0,"waiting_more":false)");
    CHECK_THAT(
        shell("consumer list").out,
        Catch::Contains("WAITING") && Catch::Contains("reports          raw                 1          0"));

    // What an operator has to decide on waits for nobody else, and what Kafka would not have is the relay's.
    const Uuid withheld = test::make_event(shell, acme, "invoice.paid", "{}");
    test::make_refused(shell, acme, test::make_event(shell, acme, "invoice.paid", "{}"));
    CHECK(waiting() == R"("waiting":2,"waiting_more":false)");
    postgres::Connection owner = test::open(shell.database().owner());
    owner.execute("insert into archive.withheld (event_id) values ($1)", withheld);
    CHECK(waiting() == R"("waiting":1,"waiting_more":false)");

    test::make_events_like(shell, first, 2500);
    CHECK(waiting() == R"("waiting":1000,"waiting_more":true)");
    CHECK_THAT(shell("consumer list").out, Catch::Contains(" 1000+ "));
    // What another's are does not keep theirs from being looked for.
    CHECK(waiting(shell.as("bea", "--role viewer --tenant bolt")) == R"("waiting":0,"waiting_more":false)");
}
