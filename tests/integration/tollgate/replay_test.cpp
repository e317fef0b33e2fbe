#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"
#include "postgres/transaction.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// What a member of billing does: it takes what is due, and is done with it.
void work_off(const Shell& shell) {
    postgres::Connection billing = open(shell.database().service("billing"));
    billing.execute("select consumer.carry_on_replays('billing')");
    billing.execute("delete from consumer.work where consumer = 'billing' and state = 'retrying'");
    billing.execute("select consumer.carry_on_replays('billing')");
}

const std::string replay = "dead-letter replay --consumer billing ";

}  // namespace

TEST_CASE("a replay is tried dry, ordered, watched and found in the audit log by command") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    for (int i = 0; i < 7; ++i) make_letter(shell, {.tenant = acme});
    make_letter(shell, {.tenant = acme, .state = "held"});

    const Ran dry = shell(replay + "--all-tenants");
    CHECK(dry.code == 0);
    CHECK_THAT(dry.out, Catch::Contains("7 messages would be replayed; nothing was done") &&
                            Catch::Contains("and 2 more"));
    const auto preview = boost::json::parse(shell(replay + "--all-tenants --json").out);
    CHECK(preview.at("dry_run") == true);
    CHECK(preview.at("count") == 7);
    CHECK(count(shell, "consumer.replay") == 0);

    const Ran started = shell(replay + "--all-tenants --canary 2 --rate 500 --execute --reason fixed --json");
    REQUIRE(started.code == 0);
    const std::string id = json_text(started.out, "replay");
    CHECK_THAT(shell("replay list --tenant acme").out, Catch::Contains("running: 0 of 7 started"));
    CHECK(json_text(shell("replay show " + id + " --json").out, "state") == "running");
    CHECK(shell(replay + "--all-tenants --execute --reason twice").code == 3);
    work_off(shell);
    CHECK_THAT(shell("replay show " + id).out, Catch::Contains("2 done"));
    work_off(shell);
    const Ran watched = shell("replay watch " + id);
    CHECK(watched.code == 0);
    CHECK_THAT(watched.out, Catch::Contains("done: 7 of 7 started, 7 done"));
    CHECK(shell("replay list --all-tenants --open").code == 3);
    CHECK_THAT(shell("audit log --tenant acme --verb dead-letter").out, Catch::Contains("fixed"));

    const Ran held = shell(replay + "--tenant acme --state held --execute --reason mapped --json");
    CHECK(boost::json::parse(held.out).at("total") == 1);
    work_off(shell);
    CHECK(count(shell, "consumer.work") == 0);
}

TEST_CASE("a dry run says what is left alone because it is being replayed, and not that there is nothing") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    for (int i = 0; i < 3; ++i) make_letter(shell, {.tenant = acme});
    REQUIRE(shell(replay + "--all-tenants --execute --reason fixed").code == 0);
    const Ran all = shell(replay + "--all-tenants");
    CHECK(all.code == 3);
    CHECK_THAT(all.err, Catch::Contains("3 left alone, being replayed already"));
    make_letter(shell, {.tenant = acme});
    const Ran but_one = shell(replay + "--all-tenants");
    CHECK(but_one.code == 0);
    CHECK_THAT(but_one.out, Catch::Contains("1 message would be replayed"));
    CHECK_THAT(but_one.err, Catch::Contains("3 messages left alone: being replayed already"));
}

TEST_CASE("a replay is refused without a reason, a consumer, a role or the tenant") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_tenant(shell, "other");
    make_consumer(shell);
    const Uuid id = make_letter(shell, {.tenant = acme});
    const std::string order = replay + "--execute --reason x --id " + id.text();
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    CHECK(shell(replay + "--all-tenants --execute").code == 2);
    CHECK(shell("dead-letter replay --all-tenants --execute --reason x").code == 2);
    CHECK(shell(replay + "--all-tenants --state discarded --execute --reason x").code == 2);
    CHECK(shell(replay + "--all-tenants --rate 0 --execute --reason x").code == 2);
    CHECK(shell("dead-letter replay --consumer nobody --all-tenants --execute --reason x").code == 2);
    CHECK(shell(order, shell.as("vera", "--role viewer")).code == 4);
    CHECK(shell(order, oleg).code == 3);
    CHECK(count(shell, "consumer.replay") == 0);

    const Ran started = shell(order + " --json", shell.as("olga", "--role operator --tenant acme"));
    REQUIRE(started.code == 0);
    const std::string job = json_text(started.out, "replay");
    CHECK(shell("replay show " + job, oleg).code == 3);
    CHECK(shell("replay abort --reason x " + job, oleg).code == 3);
    CHECK(shell("replay list --all-tenants", oleg).code == 3);
    CHECK(shell("replay show nonsense").code == 2);
}

TEST_CASE("a replay is paused, resumed and aborted by command, each on record") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    for (int i = 0; i < 3; ++i) make_letter(shell, {.tenant = acme});
    const Ran started = shell(replay + "--all-tenants --outstanding 1 --execute --reason x --json");
    const std::string id = json_text(started.out, "replay");
    work_off(shell);
    for (const std::string turn : {"pause", "resume", "abort"})
        CHECK(shell("replay " + turn + " " + id).code == 2);  // a reason is required
    CHECK(json_text(shell("replay pause --reason slow " + id + " --json").out, "state") == "paused");
    CHECK(shell("replay pause --reason slow " + id).code == 1);
    work_off(shell);
    work_off(shell);
    CHECK(count(shell, "consumer.work where state = 'dead'") == 1);
    CHECK(json_text(shell("replay resume --reason fast " + id + " --json").out, "state") == "running");
    CHECK(json_text(shell("replay abort --reason enough " + id + " --json").out, "state") == "aborted");
    work_off(shell);
    CHECK(count(shell, "consumer.work where state = 'dead'") == 1);
    CHECK(shell("replay watch " + id).code == 1);
    CHECK(count(shell, "tenants.audit where verb like 'replay %'") == 3);
}

TEST_CASE("a replay of which nothing was done says so, and a canary that was given up has shown nothing") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid first = make_letter(shell, {.tenant = acme});
    make_letter(shell, {.tenant = acme});
    postgres::Connection billing = open(shell.database().service("billing"));
    const auto step = [&] { billing.execute("select consumer.carry_on_replays('billing')"); };
    const std::string discard = "dead-letter discard --consumer billing --execute --reason x --state ";
    const auto start = [&](const std::string& flags) {
        return json_text(shell(replay + "--all-tenants --execute --reason x --json" + flags).out, "replay");
    };
    const std::string with_canary = start(" --canary 1");
    step();
    REQUIRE(shell(discard + "retrying --id " + first.text()).code == 0);
    step();
    const Ran stopped = shell("replay watch " + with_canary);
    CHECK(stopped.code == 1);
    CHECK_THAT(stopped.out, Catch::Contains("1 were given up while they were tried"));
    CHECK(count(shell, "consumer.work where state = 'dead'") == 1);

    const std::string rest = start("");
    REQUIRE(shell(discard + "dead --tenant acme").code == 0);
    step();
    step();
    const Ran nothing = shell("replay watch " + rest);
    CHECK(nothing.code == 3);
    CHECK_THAT(nothing.out, Catch::Contains("0 done, 1 left alone"));
}

TEST_CASE("a replay is neither made nor turned without a row of the audit log") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letter(shell, {.tenant = acme});
    REQUIRE(shell(replay + "--all-tenants --execute --reason x").code == 0);
    postgres::Connection connection = open(shell.database().service("operator"));
    for (const std::string state : {"paused", "aborted"}) {
        const auto turned = transact(connection, [&](postgres::Transaction& tx) {
            tx.execute("select set_config('tollgate.tenant', '*', true)");
            tx.execute("update consumer.replay set state = $1", state);
        });
        REQUIRE_FALSE(turned);
        CHECK_THAT(turned.error().detail, Catch::Contains("tenants.audit"));
    }
}

TEST_CASE("what the relay could not put on the bus is appended to the journal again by command") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid id = make_refused(shell, acme);
    const std::string order = "dead-letter replay --consumer relay --tenant acme";
    CHECK(shell(order).code == 0);
    CHECK(count(shell, "journal.refused") == 1);
    CHECK(shell(order + " --rate 5").code == 2);
    CHECK(shell(order + " --canary 5 --execute --reason x").code == 2);
    CHECK(shell(order + " --execute").code == 2);
    CHECK(shell(order + " --execute --reason x").out == "1 message appended to the journal again\n");
    CHECK(count(shell, fmt::format("journal.entry where event_id = '{}' and topic = 'raw'", id)) == 1);
    CHECK(count(shell, "journal.refused") == 0);
    CHECK(shell(order + " --execute --reason x").code == 3);
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter replay'") == 1);
}
