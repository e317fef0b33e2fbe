// `tollgate source heard`: what an operator is shown of sources that are silent.
#include <catch2/catch.hpp>

#include "letters.hpp"
#include "shell.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

void make_source(const Shell& shell, const std::string& tenant, const std::string& slug) {
    const Ran made =
        shell("source create --tenant " + tenant + " --provider stripe --generate --slug " + slug);
    if (made.code != 0) throw std::runtime_error{made.err};
}

// As ingress would have noted it, of one that speaks often.
void was_heard(const Shell& shell, const std::string& slug, const std::string& ago) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute(
        "insert into consumer.heard (tenant, source, since, heard_at, hours, longest_pause) "
        "select tenant, source, now() - interval '9 days', now() - $2::interval, 50, '2 hours' "
        "from tenants.source where slug = $1",
        slug, ago);
}

}  // namespace

TEST_CASE("sources are listed by when they were heard last, or those that are silent alone") {
    Shell shell;
    make_tenant(shell, "acme");
    make_tenant(shell, "beta");
    CHECK(shell("source heard --all-tenants").code == 3);
    make_source(shell, "acme", "shop");
    make_source(shell, "acme", "quiet");
    make_source(shell, "beta", "never");
    was_heard(shell, "shop", "10 minutes");
    was_heard(shell, "quiet", "5 hours");

    const Ran all = shell("source heard --all-tenants --json");
    CHECK(all.code == 0);
    CHECK(all.out.find("\"never\"") < all.out.find("\"quiet\""));
    CHECK(all.out.find("\"quiet\"") < all.out.find("\"shop\""));
    CHECK_THAT(all.out, Catch::Contains(R"("slug":"never","provider":"stripe","heard_at":null)"));

    const Ran silent = shell("source heard --all-tenants --silent");
    CHECK(silent.code == 0);
    CHECK_THAT(silent.out, Catch::Contains("quiet") && !Catch::Contains("shop") && !Catch::Contains("never"));
    CHECK(shell("source heard --tenant beta --silent").code == 3);

    // Who is of one tenant sees that one's.
    const auto of_beta = shell.as("bea", "--role viewer --tenant beta");
    const Ran seen = shell("source heard --all-tenants", of_beta);
    CHECK_THAT(seen.out, Catch::Contains("never") && !Catch::Contains("quiet"));
    CHECK(shell("source heard --tenant acme", of_beta).code != 0);

    CHECK(shell("source disable quiet --tenant acme --reason gone").code == 0);
    CHECK(shell("source heard --all-tenants --silent").code == 3);
}
