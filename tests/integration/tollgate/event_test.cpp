#include <chrono>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "letters.hpp"
#include "postgres/transaction.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

void execute(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute(sql);
}

// As billing gives up an event that it has taken on.
void let_die(const Shell& shell, const Uuid& id) {
    execute(shell, fmt::format("insert into consumer.work (consumer, message_id, tenant, state, attempt, "
                               "reason, fingerprint, topic) select consumer, message_id, tenant, 'dead', 1, "
                               "'no rate', 'f', 'raw' from consumer.inbox where message_id = '{}'",
                               id));
    execute(shell, fmt::format("insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, "
                               "outcome, reason, build) select message_id, consumer, tenant, 1, 'stream', "
                               "'dead', 'no rate', 'b7' from consumer.inbox where message_id = '{}'",
                               id));
}

}  // namespace

TEST_CASE("events are listed by all filters, and only those of the operator's tenants") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    const Uuid paid = make_event(shell, acme, "invoice.paid", "{}");
    make_event(shell, acme, "charge.failed", "{}");
    make_event(shell, other, "invoice.paid", "{}");
    const auto listed = [&](const std::string& flags, const ChildProcess::Environment& who = {}) {
        return std::ranges::count(shell("event list --json " + flags, who).out, '\n');
    };
    CHECK(listed("--all-tenants") == 3);
    CHECK(listed("--tenant acme") == 2);
    CHECK(listed("--all-tenants --type invoice.paid") == 2);
    CHECK(listed("--tenant acme --type stripe.invoice.paid --source shop --provider stripe") == 1);
    CHECK(listed("--all-tenants --source other") == 0);
    CHECK(listed("--all-tenants --since 2200-01-01T00:00:00Z") == 0);
    CHECK(listed("--all-tenants --until 2200-01-01T00:00:00Z --limit 2") == 2);
    CHECK_THAT(shell("event list --all-tenants --limit 2").err, Catch::Contains("and more: --limit 3"));
    CHECK(shell("event list --all-tenants --limit 3").err.empty());
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    CHECK(listed("--all-tenants", oleg) == 1);
    CHECK(shell("event list --tenant acme", oleg).code == 4);
    CHECK(shell("event list --all-tenants --source none").code == 3);
    CHECK(shell("event list").code == 2);
    CHECK(shell("event show " + paid.text(), oleg).code == 3);
    CHECK(shell("event body " + paid.text(), oleg).code == 3);
    CHECK_THAT(shell("event list --tenant acme").out, Catch::Contains(paid.text()));
}

TEST_CASE("the story of an event tells how it came and what each consumer made of it, in the order of time") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell, "enrichment");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{\"a\": 1}", "billing");
    let_die(shell, id);
    REQUIRE(shell("dead-letter replay --consumer billing --tenant acme --execute --reason mended").code == 0);
    REQUIRE(shell("dead-letter discard --consumer billing --execute --reason test --id " + id.text()).code ==
            0);

    const Ran shown = shell("event show " + id.text());
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out,
               Catch::Contains("8 bytes from 192.0.2.7, verified by signature") &&
                   Catch::Contains("billing failed for good: attempt 1 (stream, build b7): no rate") &&
                   Catch::Contains("by ann: mended") && Catch::Contains("billing discarded: by ann: test") &&
                   Catch::Contains("enrichment: waiting"));
    const auto story = boost::json::parse(shell("event show " + id.text() + " --json").out);
    CHECK(story.at("proof") == "signature");
    const auto& happenings = story.at("story").as_array();
    REQUIRE(happenings.size() == 5);
    CHECK(happenings[0].at("what") == "received");
    CHECK(happenings[1].at("what") == "taken up");
    CHECK(happenings[2].at("what") == "failed for good");
    CHECK(happenings[3].at("what") == "chosen for a replay");
    CHECK(happenings[4].at("what") == "discarded");
    for (std::size_t i = 1; i < happenings.size(); ++i)
        CHECK(happenings[i - 1].at("at").as_string() <= happenings[i].at("at").as_string());
    CHECK(shell("event show " + make_uuid_v7().text()).code == 3);
    CHECK(shell("event show evt_1").code == 2);
}

TEST_CASE("the story tells of what ingress held, and of what the journal has of an event") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}");
    execute(shell,
            fmt::format("insert into ingress.held (tenant, event_id, source, provider, type, "
                        "conflicts_with, reason) values ('{}', '{}', 'shop', 'stripe', 'invoice.paid', "
                        "'{}', 'its id came before')",
                        acme, id, make_uuid_v7()));
    CHECK_THAT(shell("event show " + id.text()).out,
               Catch::Contains("held: its id came before") && Catch::Contains("nothing any more"));
    REQUIRE(shell("held release " + id.text() + " --reason right").code == 0);
    CHECK_THAT(shell("event show " + id.text()).out, Catch::Contains("released: by ann: right\n") &&
                                                         Catch::Contains("raw: nobody has read it yet"));
}

TEST_CASE("what ingress holds is held for every consumer, and discarded when an operator has given it up") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}");
    execute(shell,
            fmt::format("insert into ingress.held (tenant, event_id, source, provider, type, "
                        "conflicts_with, reason) values ('{}', '{}', 'shop', 'stripe', 'invoice.paid', "
                        "'{}', 'its id came before')",
                        acme, id, make_uuid_v7()));
    const auto shown = [&] { return shell("event show " + id.text()).out; };
    CHECK_THAT(shown(), Catch::Contains("  billing: held: its id came before\n"));
    REQUIRE(shell("held discard --all --tenant acme --reason forged").code == 0);
    CHECK_THAT(shown(), Catch::Contains("discarded: by ann: forged\n") &&
                            Catch::Contains("  billing: discarded: its id came before\n"));
}

TEST_CASE("the story tells what has begun, what has ended, and in the order in which it came about") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    const auto happened = [&] {
        std::vector<std::string> all;
        const auto story = boost::json::parse(shell("event show " + id.text() + " --json").out);
        for (const auto& each : story.at("story").as_array()) all.emplace_back(each.at("what").as_string());
        return all;
    };
    using Words = std::vector<std::string>;
    CHECK(happened() == Words{"received", "done"});
    // Its record was taken before the relay had put down where it lies; its state before its last attempt.
    let_die(shell, id);
    execute(shell, fmt::format(
                       "insert into journal.published (at, hour, tenant, topic, log_topic, records, again, "
                       "first_id, last_id, places) values (now() + interval '1 second', '{0}', '{1}', 'raw', "
                       "'t.raw', 1, 0, '{2}', '{2}', uuid_send('{2}') || int4send(1) || int8send(5))",
                       to_rfc3339(std::chrono::floor<std::chrono::hours>(time_of(id))), acme, id));
    CHECK(happened() == Words{"received", "published", "taken up", "failed for good", "dead"});
    REQUIRE(shell("dead-letter replay --consumer billing --tenant acme --execute --reason mended").code == 0);
    const std::string listed = shell("replay list --all-tenants --json").out;
    REQUIRE(
        shell("replay abort --reason no " + json_text(listed.substr(0, listed.find('\n')), "replay")).code ==
        0);
    CHECK(happened() == Words{"received", "published", "taken up", "failed for good", "dead",
                              "chosen for a replay", "not replayed"});
}

TEST_CASE(
    "the story names who discarded an event and who had it done over, whatever else was done meanwhile") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    const Uuid other = make_event(shell, acme, "invoice.paid", "{}", "billing");
    const auto olga = shell.as("olga", "--role operator");
    const auto by_id = [](const Uuid& event) { return " --execute --consumer billing --id " + event.text(); };
    REQUIRE(shell("redo --reason wrong" + by_id(id)).code == 0);
    REQUIRE(shell("redo --reason other" + by_id(other), olga).code == 0);
    const auto shown = [&](const Uuid& event) { return shell("event show " + event.text()).out; };
    CHECK_THAT(shown(id),
               Catch::Contains("billing to be done over: by ann: wrong\n") && !Catch::Contains("olga"));
    CHECK_THAT(shown(other), Catch::Contains("billing to be done over: by olga: other\n"));
    execute(shell, "update consumer.work set state = 'dead', due_at = null, reason = 'no'");
    REQUIRE(shell("dead-letter discard --reason first" + by_id(id)).code == 0);
    REQUIRE(shell("dead-letter discard --reason second" + by_id(other), olga).code == 0);
    // As if all had been done at one moment.
    execute(shell, "update consumer.work set changed_at = now() - interval '1 second'");
    CHECK_THAT(shown(id), Catch::Contains("billing discarded: by ann: first\n"));
    CHECK_THAT(shown(other), Catch::Contains("billing discarded: by olga: second\n"));
}

TEST_CASE(
    "of an event whose day was dropped the story says where what is left of it is, and only to its tenant") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_tenant(shell, "other");
    const Uuid id = make_letter(shell, {.tenant = acme});
    CHECK_THAT(shell("event show " + id.text()).err,
               Catch::Contains("is not stored here: somebody else put its record on the bus"));
    execute(shell, "update consumer.horizon set dropped_up_to = now()");
    const Ran gone = shell("event show " + id.text());
    CHECK(gone.code == 3);
    CHECK_THAT(gone.err,
               Catch::Contains("its day was dropped") &&
                   Catch::Contains("tollgate dead-letter show " + id.text() + " --consumer billing"));
    CHECK(shell("event body " + id.text()).code == 3);
    CHECK_THAT(shell("event show " + id.text(), shell.as("oleg", "--role operator --tenant other")).err,
               Catch::Contains("no event " + id.text() + " is stored"));
}

TEST_CASE("the story tells where the records of an event lie") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}");
    // Behind that of another event.
    execute(shell,
            fmt::format(
                "insert into journal.published (hour, tenant, topic, log_topic, records, again, "
                "first_id, last_id, places) values ('{0}', '{1}', 'raw', 't.raw', 2, 0, '{2}', '{2}', "
                "uuid_send('{3}') || int4send(1) || int8send(5) || "
                "uuid_send('{2}') || int4send(11) || int8send(4294967297))",
                to_rfc3339(std::chrono::floor<std::chrono::hours>(time_of(id))), acme, id, make_uuid_v7()));
    CHECK_THAT(shell("event show " + id.text()).out, Catch::Contains("published: at t.raw[11]@4294967297"));
    const auto story = boost::json::parse(shell("event show " + id.text() + " --json").out);
    CHECK(story.at("story").at(1).at("what") == "published");
}

TEST_CASE("the bytes of an event come as they were received, to operators, and are recorded") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const std::string bytes{"{\"n\":\0\xff}", 8};
    const Uuid id = make_event(shell, acme, "invoice.paid", bytes);
    CHECK(shell("event body " + id.text(), shell.as("vera", "--role viewer")).code == 4);
    CHECK(count(shell, "tenants.audit where verb = 'event body' and not result ? 'refused'") == 0);
    CHECK(shell("event body " + id.text()).out == bytes);
    CHECK(json_text(shell("event body --json " + id.text(), shell.as("olga", "--role operator")).out,
                    "body_base64") == crypto::base64_encode(bytes));
    CHECK(count(shell, "tenants.audit where verb = 'event body' and actor = 'ann' and tenant is not null") ==
          1);
    postgres::Connection connection = open(shell.database().service("operator"));
    CHECK_FALSE(
        transact(connection, [](postgres::Transaction& tx) { tx.execute("select id from archive.event"); }));
}
