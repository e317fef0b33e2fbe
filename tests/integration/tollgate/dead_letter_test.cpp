#include "consumer/dead_letter.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

std::int64_t lines(const std::string& text) {
    return std::ranges::count(text, '\n');
}

}  // namespace

TEST_CASE("dead letters are listed by all filters, grouped and shown by command") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    const Uuid first = make_letter(shell, {.tenant = acme, .reason = "no rate for \"EUR\" at 7"});
    const Uuid second = make_letter(shell, {.tenant = acme, .reason = "no rate for \"USD\" at 9"});
    make_letter(shell, {.tenant = other, .type = "stripe.charge.failed", .attempts = 1});
    make_letter(shell, {.tenant = acme, .state = "held"});
    const Uuid refused = make_refused(shell, other);

    const Ran listed = shell("dead-letter list --all-tenants");
    CHECK(listed.code == 0);
    CHECK_THAT(listed.out, Catch::StartsWith("EVENT") && Catch::Contains(refused.text()));
    CHECK(lines(listed.out) == 5);
    const auto shown = [&](const std::string& flags) {
        return lines(shell("dead-letter list --json " + flags).out);
    };
    CHECK(shown("--tenant acme") == 2);
    CHECK(shown("--all-tenants --consumer relay") == 1);
    CHECK(shown("--all-tenants --state held") == 1);
    CHECK(shown("--all-tenants --state all") == 5);
    CHECK(shown("--all-tenants --type stripe.charge.failed") == 1);
    CHECK(shown("--all-tenants --attempts-min 3") == 2);
    CHECK(shown("--all-tenants --since 2200-01-01T00:00:00Z") == 0);
    CHECK(shown("--all-tenants --until 2200-01-01T00:00:00Z") == 4);
    const Ran newest = shell("dead-letter list --tenant acme --limit 1 --json");
    CHECK(json_text(newest.out, "event_id") == second.text());
    CHECK_THAT(newest.err, Catch::Contains("and more"));

    const auto groups = boost::json::parse(shell("dead-letter groups --tenant acme --json").out);
    CHECK(groups.at("count") == 2);
    CHECK(groups.at("sample_reason") == "no rate for \"USD\" at 9");
    const std::string kind{groups.at("fingerprint").as_string()};
    CHECK(shown("--all-tenants --fingerprint " + kind) == 2);

    const Ran one = shell("dead-letter show " + first.text() + " --consumer billing");
    CHECK(one.code == 0);
    CHECK_THAT(one.out, Catch::Contains("tollgate.raw[3]@17") && Catch::Contains("ce_type: stripe.invoice") &&
                            Catch::Contains("build b1) dead: no rate"));
    CHECK(shell("dead-letter show " + refused.text() + " --consumer relay").code == 0);
}

TEST_CASE("from an event the way to its dead letter is shown, and from there to another try") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid stored = make_event(shell, acme, "invoice.paid", "{}");
    const std::string id = stored.text();
    make_letter(shell, {.tenant = acme, .id = stored});
    const std::string show = "dead-letter show --consumer billing " + id;
    CHECK_THAT(shell("event show " + id).out, Catch::Contains("tollgate " + show + "\n"));
    const std::string replay = "dead-letter replay --consumer billing --id " + id;
    CHECK_THAT(shell(show).out, Catch::EndsWith("tollgate " + replay + "\n"));
    CHECK_THAT(shell(replay).out, Catch::Contains("1 message would be replayed"));
    const std::string held = make_letter(shell, {.tenant = acme, .state = "held"}).text();
    CHECK_THAT(shell("dead-letter show --consumer billing " + held).out,
               Catch::EndsWith("--id " + held + " --state held\n"));
    CHECK_THAT(shell("dead-letter replay --consumer billing --state held --id " + held).out,
               Catch::Contains("1 message would be replayed"));
}

TEST_CASE("dead letters that are not there, and orders that are none, have their exit codes") {
    const Shell shell;
    const Ran none = shell("dead-letter list --all-tenants");
    CHECK(none.code == 3);
    CHECK(none.out.empty());
    CHECK_THAT(none.err,
               Catch::Contains("there are no messages of that kind, in state dead; `tollgate dead-letter "
                               "groups --all-tenants --state all` shows what there is"));
    make_consumer(shell);
    const std::string id = make_uuid_v7().text();
    CHECK(shell("dead-letter groups --all-tenants").code == 3);
    CHECK(shell("dead-letter export --all-tenants").code == 3);
    CHECK(shell("dead-letter discard --all-tenants").code == 3);
    CHECK(shell("dead-letter discard --all-tenants --execute --reason x").code == 3);
    CHECK(shell("dead-letter show " + id + " --consumer billing").code == 3);
    CHECK(shell("dead-letter list").code == 2);
    CHECK(shell("dead-letter show " + id).code == 2);
    CHECK(shell("dead-letter list --all-tenants --state ded").code == 2);
    CHECK(shell("dead-letter list --all-tenants --limit 0").code == 2);
    CHECK(shell("dead-letter discard --id " + id + " --reason x").code == 2);
}

TEST_CASE("the bytes of a dead letter are for operators of its tenant, and each look is recorded") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_tenant(shell, "other");
    make_consumer(shell);
    const std::string body{"\0\xff card 4242", 12};
    const Uuid id = make_letter(shell, {.tenant = acme, .body = body});
    make_refused(shell, acme);
    const std::string show = "dead-letter show " + id.text() + " --consumer billing";
    const auto vera = shell.as("vera", "--role viewer --tenant acme");
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    const auto olga = shell.as("olga", "--role operator --tenant acme");
    CHECK(shell(show, vera).code == 0);
    CHECK(shell(show + " --body", vera).code == 4);
    CHECK(shell("dead-letter export --tenant acme", vera).code == 4);
    CHECK(shell(show + " --body", oleg).code == 3);
    CHECK(shell("dead-letter list --all-tenants", oleg).code == 3);
    CHECK(shell("dead-letter export --tenant acme", oleg).code == 4);
    CHECK(count(shell, "tenants.audit where verb like 'dead-letter%' and not result ? 'refused'") == 0);
    CHECK(shell(show + " --body", olga).out == body);
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter show' and actor = 'olga'") == 1);
    CHECK(lines(shell("dead-letter list --all-tenants --json", olga).out) == 2);
    const auto exported =
        boost::json::parse(shell("dead-letter export --all-tenants --consumer billing", olga).out);
    CHECK(exported.at("body_base64") == crypto::base64_encode(body).c_str());
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter export' and actor = 'olga'") == 1);
}

TEST_CASE("an export of many dead letters has each of them once") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    for (int i = 0; i < 120; ++i) make_letter(shell, {.tenant = acme});
    CHECK(lines(shell("dead-letter export --tenant acme").out) == 120);
    CHECK(lines(shell("dead-letter export --tenant acme --limit 70").out) == 70);
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter export'") == 5);
}

TEST_CASE("dead letters are discarded by ids and by filter when it is said, and else shown") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    const Uuid first = make_letter(shell, {.tenant = acme});
    make_letter(shell, {.tenant = acme});
    make_letter(shell, {.tenant = other});
    make_refused(shell, other);
    const std::string discard = "dead-letter discard ";
    const std::string look = discard + "--consumer billing --id " + first.text();
    const std::string by_id = look + " --execute";
    CHECK(boost::json::parse(shell(look + " --reason x --json").out).at("count") == 1);
    CHECK(shell(look + " --tenant other").code == 3);
    CHECK(shell(by_id).code == 2);
    CHECK(shell(by_id + " --reason x --tenant other").code == 3);
    CHECK(shell(by_id + " --reason x", shell.as("vera", "--role viewer")).code == 4);
    CHECK(shell(by_id + " --reason x", shell.as("oleg", "--role operator --tenant other")).code == 3);
    CHECK(count(shell, "consumer.work where state = 'dead'") == 3);
    CHECK(shell(by_id + " --reason x --json").out == "{\"discarded\":1,\"left\":0}\n");
    CHECK(shell(by_id + " --reason x --json").code == 3);

    const Ran dry = shell(discard + "--all-tenants");
    CHECK(dry.code == 0);
    CHECK_THAT(dry.out, Catch::Contains("3 messages would be discarded; nothing was done"));
    CHECK(boost::json::parse(shell(discard + "--all-tenants --json").out).at("count") == 3);
    CHECK(count(shell, "consumer.work where state = 'dead'") == 2);
    CHECK(shell(discard + "--all-tenants --execute").code == 2);
    CHECK(shell(discard + "--all-tenants --execute --reason tests").out == "3 messages discarded\n");
    CHECK(count(shell, "consumer.work where state = 'discarded' and due_at is null") == 3);
    CHECK(count(shell, "journal.refused where discarded_at is null") == 0);
    CHECK(count(shell, "journal.entry") == 0);
    // What each tenant's operators see of it.
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter discard' and reason = 'tests'") == 2);
}

TEST_CASE("nothing is discarded without a row of the audit log") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid id = make_letter(shell, {.tenant = acme});
    make_refused(shell, acme);
    postgres::Connection connection = open(shell.database().service("operator"));
    const auto attempt = [&](const std::string& sql) {
        return transact(connection, [&](postgres::Transaction& tx) {
            tx.execute("select set_config('tollgate.tenant', '*', true)");
            tx.execute(sql);
        });
    };
    const auto refused = attempt("update consumer.work set state = 'discarded', due_at = null");
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail, Catch::Contains("only together with a row of tenants.audit"));
    CHECK_FALSE(
        attempt("select consumer.settle_refused(array(select refused from consumer.letter "
                "where refused is not null), false)"));
    CHECK_FALSE(attempt("select * from journal.refused"));
    CHECK_FALSE(attempt("select value from consumer.work"));
    for (const std::string change : {"state = 'retrying', due_at = now()", "reason = 'none'", "hold = null"})
        CHECK_FALSE(attempt("update consumer.work set " + change));
    CHECK_FALSE(
        attempt("insert into consumer.work (consumer, message_id, tenant, state, cause, reason, topic) "
                "select consumer, '00000000-0000-0000-0000-000000000001'::uuid, tenant, 'dead', 'redo', 'x', "
                "'raw' from consumer.work"));
    CHECK(count(shell, "consumer.work where state = 'dead' and reason <> 'none'") == 1);
    CHECK(count(shell, "journal.refused") == 1);
    // The pipeline needs none for what it changes.
    postgres::Connection pipeline = open(shell.database().service("billing"));
    pipeline.execute("update consumer.work set state = 'dead', due_at = null where message_id = $1", id);
}

TEST_CASE("the database knows reasons again as the program does") {
    const Shell shell;
    postgres::Connection owner = open(shell.database().owner());
    for (const std::string reason :
         {"", "plain words", "no rate for \"EUR\" at 7", "a \"quote that never ends 7",
          "user ann@example.org", "in [table:3] of 10.0.0.1:5432/x", "it's 'single' and it's_7",
          "two \"a\" and \"b\" \n 9 lines", "violates constraint \"entry_is_whole\" of \"ledger.entry\"",
          "no \"cus_1\", \"Ann Lee\" nor \"x\"", "\"\" \"a"}) {
        INFO(reason);
        CHECK(owner.execute("select consumer.fingerprint_of($1)", reason).only().get<std::string>(0) ==
              consumer::fingerprint(reason));
    }
}
