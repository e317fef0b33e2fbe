#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "core/uuid.hpp"
#include "letters.hpp"

using namespace tollgate;
using test::Ran;

namespace {

// An event that is held, of a new tenant "acme".
std::string hold(const test::Shell& shell) {
    const std::string tenant = test::json_text(shell("tenant create acme --json").out, "tenant");
    const std::string event = make_uuid_v7().text();
    postgres::Connection owner = test::open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute(
        "insert into ingress.held (tenant, event_id, source, provider, type, provider_event_id, "
        "conflicts_with, "
        "reason) values ($1, $2, 'shop', 'stripe', 'invoice.paid', 'evt_1', $3, 'its id came before')",
        *Uuid::parse(tenant), *Uuid::parse(event), make_uuid_v7());
    return event;
}

std::int64_t entries(const test::Shell& shell) {
    return test::open(shell.database().owner())
        .execute("select count(*) from journal.entry")
        .only()
        .get<std::int64_t>(0);
}

}  // namespace

TEST_CASE("held events are listed, shown, released and discarded by command") {
    test::Shell shell;
    const std::string event = hold(shell);
    const Ran listed = shell("held list --tenant acme");
    CHECK(listed.code == 0);
    CHECK_THAT(listed.out,
               Catch::StartsWith("EVENT") && Catch::Contains(event) && Catch::Contains("invoice.paid"));
    const auto object = boost::json::parse(shell("held list --all-tenants --json").out);
    CHECK(object.at("event_id") == event.c_str());
    CHECK(object.at("state") == "held");
    CHECK_THAT(shell("held show " + event).out, Catch::Contains("state           held\n") &&
                                                    Catch::Contains("tollgate held release " + event));

    const Ran why = shell("held release " + event);
    CHECK(why.code == 2);
    CHECK_THAT(why.err, Catch::Contains("--reason"));
    CHECK(shell("held release " + event + " --reason why", shell.as("vera", "--role viewer")).code == 4);
    CHECK(entries(shell) == 0);
    const Ran released = shell.run({"held", "release", event, "--reason", "it is right"});
    CHECK(released.code == 0);
    CHECK_THAT(released.out, Catch::Contains("released by ann at ") && !Catch::Contains("tollgate held"));
    CHECK(entries(shell) == 1);
    CHECK(shell("held discard " + event + " --reason late").code == 1);
    CHECK(shell("held list --tenant acme").code == 3);
    CHECK_THAT(shell("held list --tenant acme --settled").out, Catch::Contains("released"));
    CHECK_THAT(shell("audit log --tenant acme --verb held --json").out,
               Catch::Contains(R"("verb":"held release")"));
}

TEST_CASE("a held event that is discarded goes nowhere, and what is no event's id is said to be none") {
    const test::Shell shell;
    const std::string event = hold(shell);
    CHECK_THAT(shell("held discard " + event + " --reason replayed --json").out,
               Catch::Contains(R"("state":"discarded")"));
    CHECK(entries(shell) == 0);
    CHECK(shell("held show " + make_uuid_v7().text()).code == 3);
    CHECK(shell("held show evt_1").code == 2);
    CHECK(shell("held sow " + event).code == 2);
}

TEST_CASE("held events are settled all at once by command, and their bytes are shown to operators") {
    test::Shell shell;
    const std::string event = hold(shell);
    const Ran shown = shell("held show " + event + " --bodies");
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, Catch::Contains("what is held: its day was dropped, and its bytes with it"));
    CHECK(shell("held show " + event + " --bodies", shell.as("vera", "--role viewer")).code == 4);
    CHECK(shell("held list --tenant acme --limit 0").code == 2);
    CHECK(shell("held discard --all --reason x").code == 2);
    CHECK(shell("held discard " + event + " --all --tenant acme --reason x").code == 2);
    CHECK(shell("held discard --all --tenant acme --source other --reason x").code == 3);
    for (const std::string verb : {"show", "release --reason x", "discard --reason x"})
        CHECK_THAT(shell("held " + verb).err, Catch::Contains("which event? Give its id"));
    CHECK(shell("held discard --all --tenant acme --reason x").out == "1 event discarded\n");
    CHECK(shell("held discard --all --tenant acme --reason x --json").code == 3);
}

TEST_CASE("what a sender has called an event does not steer the terminal of who is shown that it is held") {
    test::Shell shell;
    const std::string event = hold(shell);
    postgres::Connection owner = test::open(shell.database().owner());
    owner.execute_script(
        "set tollgate.tenant = '*'; update ingress.held set provider_event_id = E'evt\\x1b[2J\\nstate  "
        "done', "
        "type = E'a\\x1b[31m', reason = E'b\\x1b[32m'");
    for (const std::string& look :
         {"held show " + event, "held show --bodies " + event, std::string{"held list --tenant acme"}}) {
        const Ran shown = shell(look);
        INFO(look << ": " << shown.out);
        CHECK(shown.code == 0);
        CHECK_THAT(shown.out, !Catch::Contains("\x1b") && !Catch::Contains("\nstate  done") &&
                                  Catch::Contains(R"(evt\x1b[2J\x0astate  done)"));
    }
}

TEST_CASE("who asks for an event that another tenant's source holds is on record, and not told") {
    test::Shell shell;
    const std::string event = hold(shell);
    REQUIRE(shell("tenant create other").code == 0);
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    for (const std::string verb :
         {"held show ", "held show --bodies ", "held release --reason x ", "held discard --reason x "}) {
        const Ran asked = shell(verb + event, oleg);
        CHECK(asked.code == 3);
        CHECK(asked.err == shell(verb + event, oleg).err);
    }
    CHECK(test::count(shell, "tenants.audit where actor = 'oleg' and result ? 'refused'") == 8);
    CHECK(shell("held show " + make_uuid_v7().text(), oleg).code == 3);
    CHECK(shell("held show " + event, shell.as("adam", "--role operator --tenant acme")).code == 0);
    CHECK(test::count(shell, "tenants.audit where result ? 'refused'") == 8);
    CHECK(test::count(shell, "ingress.held where state = 'held'") == 1);
}

TEST_CASE("a reason that consists of blanks is none") {
    test::Shell shell;
    const std::string event = hold(shell);
    const std::vector<std::vector<std::string>> orders{
        {"held", "release", event},
        {"held", "discard", "--all", "--tenant", "acme"},
        {"dead-letter", "discard", "--execute", "--all-tenants"},
        {"dead-letter", "replay", "--execute", "--all-tenants", "--consumer", "billing"},
        {"redo", "--execute", "--all-tenants", "--consumer", "billing", "--since", "2h"},
        {"replay", "abort", event},
        {"audit", "accept", "--all-tenants"},
        {"delivery", "discard", event}};
    test::make_consumer(shell);
    for (std::vector<std::string> order : orders) {
        order.insert(order.end(), {"--reason", " \t "});
        const Ran ran = shell.run(order);
        INFO(order.front() << " " << order.at(1) << ": " << ran.err);
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Catch::Contains("say why with --reason"));
    }
    CHECK(entries(shell) == 0);
}
