// `tollgate consumer`, as an operator types it.
#include <catch2/catch.hpp>

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
