// What operators are not let do is on record.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

std::int64_t refusals(const Shell& shell, const std::string& actor, const std::string& verb) {
    return count(shell, fmt::format("tenants.audit where actor = '{}' and verb = '{}' and result ? 'refused' "
                                    "and tenant is null",
                                    actor, verb));
}

}  // namespace

TEST_CASE("what an operator has no right to is refused and on record, with what was asked for") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_tenant(shell, "other");
    make_consumer(shell);
    const Uuid id = make_letter(shell, {.tenant = acme});
    const auto vera = shell.as("vera", "--role viewer");
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    const std::string of_id = " --execute --consumer billing --id " + id.text();
    CHECK(shell("dead-letter discard --reason nosy" + of_id, vera).code == 4);
    CHECK(shell("redo --reason nosy" + of_id, vera).code == 4);
    CHECK(shell("event body " + id.text(), vera).code == 4);
    CHECK(shell("dead-letter export --all-tenants", vera).code == 4);
    CHECK(shell("audit --tenant acme", oleg).code == 4);
    CHECK(shell("tenant create beta", oleg).code == 4);
    for (const std::string verb : {"dead-letter discard", "redo", "event body", "dead-letter export"})
        CHECK(refusals(shell, "vera", verb) == 1);
    for (const std::string verb : {"audit", "tenant create"}) CHECK(refusals(shell, "oleg", verb) == 1);

    const auto entry = boost::json::parse(
        shell.run({"audit", "log", "--all-tenants", "--verb", "dead-letter discard", "--json"}).out);
    CHECK(entry.at("arguments").at("id") == id.text().c_str());
    CHECK(entry.at("arguments").at("reason") == "nosy");
    CHECK_THAT(std::string{entry.at("result").at("refused").as_string()},
               Contains("needs the role operator"));
    CHECK_THAT(shell("audit log --all-tenants --actor vera").out, Contains("refused: operator \"vera\""));
    CHECK_THAT(shell("audit log --all-tenants", oleg).out, !Contains("refused"));
    CHECK(count(shell, "consumer.work where state = 'dead'") == 1);
}

TEST_CASE("who asks for what is another tenant's sees nothing of it, and it is on record that he asked") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    make_consumer(shell);
    const Uuid stored = make_event(shell, acme, "invoice.paid", "{}", "billing");
    const Uuid dead = make_letter(shell, {.tenant = acme});
    const Uuid refused = make_refused(shell, acme);
    REQUIRE(shell("dead-letter replay --consumer billing --all-tenants --execute --reason x").code == 0);
    const std::string replay = json_text(shell("replay list --all-tenants --json").out, "replay");
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    const auto asks = [&](const std::string& verb, const std::string& rest) {
        INFO(verb << rest);
        CHECK(shell(verb + rest, oleg).code == 3);
        CHECK(refusals(shell, "oleg", verb) == 1);
    };
    asks("event show", " " + stored.text());
    asks("event body", " " + stored.text());
    asks("redo", " --execute --consumer billing --reason x --id " + stored.text());
    asks("dead-letter show", " --consumer billing " + dead.text());
    asks("dead-letter discard", " --execute --consumer relay --reason x --id " + refused.text());
    asks("replay abort", " --reason x " + replay);
    CHECK_THAT(shell("event show " + stored.text(), oleg).err,
               Contains("no event " + stored.text() + " is stored, of a tenant that you may see"));
    // Not what is there for nobody, nor his own, nor what those of the platform look at.
    const std::int64_t before = count(shell, "tenants.audit where result ? 'refused'");
    CHECK(shell("event show " + make_uuid_v7().text(), oleg).code == 3);
    CHECK(shell("event show " + make_event(shell, other, "invoice.paid", "{}").text(), oleg).code == 0);
    CHECK(shell("event show " + stored.text()).code == 0);
    CHECK(shell("event show " + stored.text(), shell.as("vera", "--role viewer")).code == 0);
    CHECK(count(shell, "tenants.audit where result ? 'refused'") == before);
    CHECK_THAT(shell("audit log --all-tenants", oleg).out, !Contains("refused"));
}
