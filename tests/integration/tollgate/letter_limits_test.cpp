// How many messages an order takes, and which: the same in a dry run, in a copy and in the deed.
#include <chrono>
#include <future>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

void execute(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*';" + sql);
}

// So many, each of which died a second after the one before.
void make_letters(const Shell& shell, const Uuid& tenant, int number, const std::string& state = "dead") {
    execute(shell,
            fmt::format("insert into consumer.work (consumer, message_id, tenant, state, attempt, reason, "
                        "fingerprint, topic, value, changed_at) select 'billing', gen_random_uuid(), '{}', "
                        "'{}', 1, 'no rate', 'f' || g % 2, 'raw', 'x', now() - interval '1 day' + g * "
                        "interval '1 second' from generate_series(1, {}) g;"
                        "insert into tenants.audit (actor, verb) values ('test', 'dead-letter discard')",
                        tenant, state, number));
}

std::int64_t lines(const std::string& text) {
    return std::ranges::count(text, '\n');
}

// Of the first `number` messages of a JSON array or of NDJSON.
std::vector<std::string> ids_of(const boost::json::array& letters) {
    std::vector<std::string> ids;
    for (const auto& letter : letters) ids.emplace_back(letter.at("event_id").as_string());
    return ids;
}

std::vector<std::string> ids_of(const std::string& ndjson) {
    std::vector<std::string> ids;
    std::istringstream stream{ndjson};
    for (std::string line; std::getline(stream, line);) ids.push_back(json_text(line, "event_id"));
    return ids;
}

}  // namespace

TEST_CASE("an export has all that a discard of the same filter takes, however many there are") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letters(shell, acme, 1'500);
    const Ran exported = shell("dead-letter export --tenant acme --consumer billing");
    CHECK(lines(exported.out) == 1'500);
    CHECK_THAT(exported.err, Contains("1500 messages, as they were before "));
    CHECK(boost::json::parse(shell("dead-letter discard --tenant acme --json").out).at("count") == 1'500);
    CHECK(shell("dead-letter discard --tenant acme --execute --reason x").out == "1500 messages discarded\n");
    CHECK(count(shell, "consumer.work where state = 'dead'") == 0);
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter discard' and arguments ? 'limit'") == 0);
}

TEST_CASE("a dry run with a limit counts and shows what is taken, which is the oldest, and what is left") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letters(shell, acme, 12);
    const std::string these = "--tenant acme --consumer billing --limit 2";
    const auto preview = [&](const std::string& verb) {
        return boost::json::parse(shell("dead-letter " + verb + " --json " + these).out).as_object();
    };
    const auto first = ids_of(shell("dead-letter export " + these).out);
    REQUIRE(first.size() == 2);
    for (const std::string verb : {"replay", "discard"}) {
        INFO(verb);
        const auto told = preview(verb);
        CHECK(told.at("count") == 2);
        CHECK(told.at("beyond_limit") == 10);
        CHECK(ids_of(told.at("sample").as_array()) == first);
        CHECK(told.at("groups").as_array().size() == 2);
        CHECK_THAT(shell("dead-letter " + verb + " " + these).out,
                   Contains("10 more match, beyond --limit, and would be left"));
    }

    const Ran replayed = shell("dead-letter replay --execute --reason x --json " + these);
    CHECK(boost::json::parse(replayed.out).at("beyond_limit") == 10);
    CHECK_THAT(replayed.err, Contains("10 more match, beyond --limit"));
    CHECK(count(shell, "consumer.replay where (filter ->> 'limit')::int = 2") == 1);
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter replay' and arguments ->> 'limit' = '2'") ==
          1);
    for (const std::string& id : first)
        CHECK(count(shell, "consumer.replay_item where message_id = '" + id + "'") == 1);
    // The next two, and not those that are being replayed.
    CHECK(preview("replay").at("beyond_limit") == 8);
    const Ran next = shell("dead-letter replay --execute --reason x --json " + these);
    CHECK(boost::json::parse(next.out).at("left_before") == 2);
    CHECK(count(shell, "consumer.replay_item") == 4);

    const Ran discarded = shell("dead-letter discard --execute --reason x --json " + these);
    CHECK(discarded.out == "{\"discarded\":2,\"left\":10}\n");
    CHECK_THAT(discarded.err, Contains("10 messages left alone: beyond --limit, or being run"));
    for (const std::string& id : first)
        CHECK(count(shell, "consumer.work where state = 'discarded' and message_id = '" + id + "'") == 1);
    CHECK(count(shell, "tenants.audit where verb = 'dead-letter discard' and arguments ->> 'limit' = '2'") ==
          1);
}

TEST_CASE("messages in any state are discarded as far as they can be, whatever lies before them") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letters(shell, acme, 600, "done");
    make_letters(shell, acme, 600, "discarded");
    make_letters(shell, acme, 3);
    const std::string discard = "dead-letter discard --tenant acme --state ";
    CHECK(boost::json::parse(shell(discard + "all --json").out).at("count") == 3);
    CHECK(shell(discard + "all --execute --reason x").out == "3 messages discarded\n");
    CHECK(shell(discard + "all").code == 3);
    CHECK(shell(discard + "all --execute --reason x").code == 3);
    for (const std::string state : {"done", "discarded"}) {
        const Ran dry = shell(discard + state);
        CHECK(dry.code == 2);
        CHECK_THAT(dry.err, Contains("what is " + state + " cannot be given up"));
        CHECK(shell(discard + state + " --execute --reason x").code == 2);
    }
    const std::string replay = "dead-letter replay --tenant acme --consumer billing --state retrying";
    CHECK(shell(replay).code == 2);
    CHECK(shell(replay + " --execute --reason x").code == 2);
}

TEST_CASE("a discard that takes its time says how far it is") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letters(shell, acme, 600);
    postgres::Connection other = open(shell.database().owner());
    other.execute_script(
        "set tollgate.tenant = '*'; set idle_in_transaction_session_timeout = 0; begin; select from "
        "consumer.work for update");
    const auto began = std::chrono::steady_clock::now();
    auto discarded = std::async(
        std::launch::async, [&] { return shell("dead-letter discard --tenant acme --execute --reason x"); });
    // It tells every two seconds.
    CHECK(wait_until([&] { return std::chrono::steady_clock::now() - began > std::chrono::seconds{3}; }));
    other.execute_script("commit");
    const Ran ran = discarded.get();
    CHECK(ran.out == "600 messages discarded\n");
    CHECK_THAT(ran.err, Catch::StartsWith("500 messages discarded\n"));
}

TEST_CASE("messages that are being run when they are discarded are passed over, and said to be left") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letters(shell, acme, 600);
    execute(shell,
            "update consumer.work set state = 'retrying', due_at = now(), begun_by = gen_random_uuid()");
    make_letters(shell, acme, 2);
    const Ran ran = shell("dead-letter discard --tenant acme --state all --execute --reason x --json");
    CHECK(ran.out == "{\"discarded\":2,\"left\":600}\n");
}

TEST_CASE("a consumer that is misspelt is no empty list, and the one that was probably meant is named") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell, "enrichment");
    for (const std::string verb : {"list", "groups", "export", "discard", "replay"}) {
        const Ran ran = shell("dead-letter " + verb + " --all-tenants --consumer enrichmnet");
        INFO(verb << ran.err);
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Contains("no consumer \"enrichmnet\": did you mean enrichment?"));
    }
    CHECK(shell("dead-letter groups --all-tenants --consumer enrichment").code == 3);
    CHECK(shell("dead-letter groups --all-tenants --consumer relay").code == 3);
    CHECK_THAT(shell("replay list --all-tenants --consumer enrichmnet").err,
               Contains("no consumer \"enrichmnet\": did you mean enrichment?"));
    CHECK(shell("replay list --all-tenants --consumer enrichment").code == 3);
    // What one that was retired has left is looked at and given up, but there is nobody to run it.
    make_letter(shell, {.tenant = acme, .consumer = "billing"});
    CHECK(shell("dead-letter groups --all-tenants --consumer billing").code == 0);
    for (const std::string deed : {"", " --execute --reason x"}) {
        const Ran replayed = shell("dead-letter replay --all-tenants --consumer billing" + deed);
        CHECK(replayed.code == 2);
        CHECK_THAT(replayed.err, Contains("no consumer \"billing\" is registered"));
    }
    CHECK(shell("dead-letter discard --all-tenants --consumer billing --execute --reason x").code == 0);
}

TEST_CASE("a dead letter is found by the type of its event, and by what the message says of itself") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid event = make_event(shell, acme, "invoice.paid", "{}");
    make_letter(shell, {.tenant = acme, .type = "tollgate.payment.money_in", .id = event});
    const auto found = [&](const std::string& type) {
        return shell("dead-letter list --json --all-tenants --type " + type);
    };
    CHECK(json_text(found("stripe.invoice.paid").out, "type") == "stripe.invoice.paid");
    CHECK(lines(found("tollgate.payment.money_in").out) == 1);
    CHECK(found("stripe.invoice.failed").code == 3);
    // What a redo has left has no headers.
    execute(shell, "update consumer.work set headers = null, cause = 'redo'");
    CHECK(lines(found("stripe.invoice.paid").out) == 1);
    CHECK(shell("dead-letter replay --consumer billing --tenant acme --type stripe.invoice.paid").code == 0);
}

TEST_CASE("lists that are cut off say so") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_letters(shell, acme, 4);
    const std::string replay =
        "dead-letter replay --all-tenants --consumer billing --limit 1 --execute --reason x";
    for (int i = 0; i < 2; ++i) REQUIRE(shell(replay).code == 0);
    for (const std::string list : {"dead-letter list", "dead-letter groups", "replay list", "audit log"}) {
        INFO(list);
        const Ran cut = shell(list + " --all-tenants --limit 1 --json");
        CHECK(lines(cut.out) == 1);
        CHECK_THAT(cut.err, Contains("and more: --limit 2 and above shows them"));
        CHECK(shell(list + " --all-tenants --limit 1000").err.empty());
    }
    CHECK_THAT(shell("audit log --all-tenants --verb dead-letter").out,
               Contains("RESULT") && Contains("{\"messages\":1}"));
}

TEST_CASE("what is given and is no text is wrong usage, and no failure of the database") {
    const Shell shell;
    make_tenant(shell, "acme");
    make_consumer(shell);
    for (const std::string flag : {"--type", "--consumer", "--fingerprint"}) {
        const Ran ran = shell("dead-letter list --all-tenants " + flag + " a\xff");
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Contains(flag.substr(2) + ": \"a\uFFFD\" is not UTF-8"));
    }
}

TEST_CASE("what a message says of itself cannot steer the terminal of who looks at it") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_letter(shell, {.tenant = acme, .type = "a\x1b[2Jb"});
    for (const std::string command : {"dead-letter list --all-tenants", "dead-letter groups --all-tenants"})
        CHECK_THAT(shell(command).out, !Contains("\x1b"));
    const Ran shown = shell("dead-letter show --consumer billing " + id.text());
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, Contains("type         a") && !Contains("\x1b"));
}
