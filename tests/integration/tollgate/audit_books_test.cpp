// `tollgate audit`, by counts that are put there as the services put them.
#include <chrono>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

void execute(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*';" + sql);
}

std::string hour_of(const Uuid& id) {
    return to_rfc3339(std::chrono::floor<std::chrono::hours>(time_of(id)));
}

// As a process of ingress that began a while ago; stops cleanly unless it is killed.
void answer(const Shell& shell, const Uuid& tenant, const Uuid& event, int accepted, bool killed = false) {
    execute(shell, fmt::format("with p as (insert into ingress.process (process, started_at, counted_until, "
                               "stopped_at) values (gen_random_uuid(), now() - interval '2 days', "
                               "now() - interval '40 seconds', {}) returning process) "
                               "insert into ingress.answered select '{}', '{}', process, {}, 0, 2, 0 from p",
                               killed ? "null" : "now()", hour_of(event), tenant, accepted));
}

struct Lines {
    std::vector<boost::json::value> hours;
    std::vector<std::string> exceptions;
    boost::json::value summary;
};

Lines read(const std::string& out) {
    Lines lines;
    std::istringstream stream{out};
    for (std::string line; std::getline(stream, line);) {
        auto value = boost::json::parse(line);
        const auto& kind = value.at("kind").as_string();
        if (kind == "hour") lines.hours.push_back(value);
        if (kind == "exception") lines.exceptions.emplace_back(value.at("exception").as_string());
        if (kind == "summary") lines.summary = value;
    }
    return lines;
}

// By when everything that came before should be done.
const std::string at_once = " --audit-patience 1ms";
using Kinds = std::vector<std::string>;

}  // namespace

TEST_CASE("an audit of books that balance says so, by tenant and hour") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    make_event(shell, acme, "invoice.paid", "{}", "billing");
    make_event(shell, other, "invoice.paid", "{}", "billing");
    answer(shell, acme, id, 2);
    answer(shell, other, id, 1);
    const Ran ran = shell("audit" + at_once);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, Catch::StartsWith("HOUR") && Contains("billing") &&
                            Contains("published: not applicable") && Contains("all is in order: 3 events"));
    const Lines lines = read(shell("audit --json" + at_once).out);
    REQUIRE(lines.hours.size() == 2);
    const auto& of_acme = lines.hours[lines.hours[0].at("tenant_slug") == "acme" ? 0 : 1];
    CHECK(of_acme.at("accepted") == 2);
    CHECK(of_acme.at("duplicates") == 2);
    CHECK(of_acme.at("stored") == 2);
    CHECK(of_acme.at("published").is_null());
    CHECK(of_acme.at("consumers").at(0).at("settled") == 2);
    CHECK(lines.summary.at("exceptions") == 0);
    CHECK(lines.summary.at("bus") == "journal");

    CHECK(read(shell("audit --json --tenant acme" + at_once).out).hours.size() == 1);
    const auto oleg = shell.as("oleg", "--role viewer --tenant other");
    const Lines of_oleg = read(shell("audit --json" + at_once, oleg).out);
    REQUIRE(of_oleg.hours.size() == 1);
    CHECK(of_oleg.hours[0].at("tenant_slug") == "other");
    CHECK(shell("audit --tenant acme", oleg).code == 4);
}

TEST_CASE("an audit lists each exception with the command that deals with it, and exits with 1") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    const Uuid dead = make_event(shell, acme, "invoice.paid", "{}");
    make_letter(shell, {.tenant = acme, .id = dead});
    answer(shell, acme, id, 2);
    const Ran ran = shell("audit" + at_once);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, Contains("1 exception among 2 events") && Contains("1 message given up by billing") &&
                            Contains("  tollgate dead-letter groups --tenant acme --consumer billing\n"));
    const auto found = [&](const std::string& flags = "") {
        return read(shell("audit --json" + at_once + flags).out).exceptions;
    };
    CHECK(found() == Kinds{"dead"});
    execute(shell, "update consumer.work set state = 'held', hold = 'unmapped'");
    CHECK(found() == Kinds{"held"});
    execute(shell, "update consumer.work set state = 'retrying', hold = null, due_at = now()");
    CHECK(found() == Kinds{"retrying"});
    CHECK(read(shell("audit --json").out).exceptions.empty());  // it began a moment ago
    execute(shell, "delete from consumer.work; delete from consumer.inbox");
    CHECK(found() == Kinds{"waiting"});
    CHECK(read(shell("audit --json").out).exceptions.empty());
    execute(shell, "delete from archive.event where id = '" + dead.text() + "'");
    CHECK(found() == Kinds{"lost", "waiting"});
}

TEST_CASE("an audit tells a process that was killed, and what nobody counted") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    make_event(shell, acme, "invoice.paid", "{}", "billing");
    const auto found = [&] { return read(shell("audit --json" + at_once).out).exceptions; };
    CHECK(found().empty());  // nobody counts yet
    CHECK_THAT(shell("audit" + at_once).out, Contains("no process of ingress has counted"));
    answer(shell, acme, id, 1);
    CHECK(found() == Kinds{"uncounted"});
    answer(shell, acme, id, 0, true);
    CHECK(found() == Kinds{"gap", "gap"});
    CHECK_THAT(shell("audit" + at_once).out,
               Contains("was killed or cut off") && Contains("1 event stored and not counted"));
    // Nothing can be done about it but to look into it, and to say so.
    const auto accept = [&](const std::string& flags, const ChildProcess::Environment& who = {}) {
        return shell("audit accept" + at_once + flags, who);
    };
    CHECK(accept(" --all-tenants").code == 2);
    CHECK(accept(" --reason x").code == 2);
    CHECK(accept(" --all-tenants --reason x", shell.as("vera", "--role viewer")).code == 4);
    CHECK(found() == Kinds{"gap", "gap"});
    CHECK(accept(" --all-tenants --reason crash").out == "2 exceptions accepted\n");
    CHECK(accept(" --all-tenants --reason crash").code == 3);
    const Ran clean = shell("audit" + at_once);
    CHECK(clean.code == 0);
    CHECK_THAT(clean.out, Contains("2 more exceptions were accepted by operators"));
    CHECK(count(shell, "tenants.audit where verb = 'audit accept' and reason = 'crash'") == 2);
    // It has grown since.
    make_event(shell, acme, "invoice.paid", "{}", "billing");
    CHECK(found() == Kinds{"gap"});
}

TEST_CASE("an audit of a bus that is Kafka counts what the relay has published, and repeats apart") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    make_event(shell, acme, "invoice.paid", "{}", "billing");
    answer(shell, acme, id, 2);
    execute(shell,
            "update consumer.bus set bus = 'kafka', since = now() - interval '2 days';"
            "insert into tenants.audit (actor, verb) values ('test', 'bus kafka')");
    CHECK_THAT(shell("audit" + at_once).out, Contains("the relay has not counted anything yet"));
    execute(shell, "insert into journal.publishing (since) values (now() - interval '1 day')");
    const auto found = [&] { return read(shell("audit --json" + at_once).out).exceptions; };
    CHECK(found() == Kinds{"unpublished"});
    const auto publish = [&](int records, int again) {
        execute(shell,
                fmt::format("insert into journal.published (hour, tenant, topic, log_topic, records, "
                            "again, first_id, last_id, places) values ('{}', '{}', 'raw', 't.raw', {}, "
                            "{}, '{}', '{}', '')",
                            hour_of(id), acme, records, again, id, id));
    };
    publish(1, 3);
    CHECK(found() == Kinds{"unpublished"});
    publish(1, 0);
    CHECK(found().empty());
    CHECK(read(shell("audit --json").out).hours.at(0).at("published") == 2);
    publish(1, 0);
    CHECK(found() == Kinds{"surplus"});
}

TEST_CASE("an audit says where nobody consumes what comes") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    answer(shell, acme, make_event(shell, acme, "invoice.paid", "{}"), 1);
    const auto found = [&] { return read(shell("audit --json" + at_once).out).exceptions; };
    CHECK(found() == Kinds{"unconsumed"});
    // Not even who comes later, unless all that is stored is his.
    make_consumer(shell);
    CHECK(found() == Kinds{"unconsumed"});
    CHECK_THAT(shell("audit").out, Contains("1 event on raw that no consumer was registered for") &&
                                       Contains("  tollgate consumer list\n"));
    execute(shell, "select consumer.register_consumer('example', 'raw', true)");
    CHECK(found() == Kinds{"waiting"});
}

TEST_CASE("an audit that begins just behind a kill has its gap, and one that ends before it has not") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    answer(shell, acme, make_event(shell, acme, "invoice.paid", "{}", "billing"), 1);
    const Timestamp hour = std::chrono::floor<std::chrono::hours>(SystemClock{}.now());
    // Half an hour after its last word, so that it is silent by now.
    const auto last_word = [&](const std::string& at) {
        execute(shell, fmt::format("delete from ingress.process where stopped_at is null; insert into "
                                   "ingress.process (process, started_at, counted_until) values "
                                   "(gen_random_uuid(), '{}', timestamptz '{}' {})",
                                   to_rfc3339(hour - std::chrono::hours{9}), to_rfc3339(hour), at));
    };
    const auto found = [&](Timestamp since, Timestamp until) {
        return read(shell("audit --json --since " + to_rfc3339(since) + " --until " + to_rfc3339(until)).out)
            .exceptions;
    };
    const auto hours = [](int number) { return std::chrono::hours{number}; };
    last_word("- interval '2 hours 10 seconds'");
    CHECK(found(hour - hours(2), hour + hours(1)) == Kinds{"gap"});
    CHECK(found(hour - hours(1), hour + hours(1)).empty());
    CHECK(found(hour - hours(4), hour - hours(2)) == Kinds{"gap"});
    last_word("- interval '1 hour'");
    CHECK(found(hour - hours(4), hour - hours(1)).empty());
}

TEST_CASE("an audit goes as far back as days are kept, and tells doubts that are stored from losses") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    answer(shell, acme, id, 1);
    execute(shell, fmt::format("insert into ingress.answered select hour - interval '500 days', tenant, "
                               "process, 7, 0, 0, 0 from ingress.answered; insert into ingress.process "
                               "(process, started_at, stopped_at) values (gen_random_uuid(), now() - "
                               "interval '600 days', now())"));
    const std::string since = " --since 2020-01-01T00:00:00Z";
    CHECK(read(shell("audit --json" + at_once + since).out).exceptions == Kinds{"lost"});
    CHECK_THAT(shell("audit" + at_once + since).out,
               Contains("7 events answered with 200 and not stored") &&
                   Contains("  tollgate event list --tenant acme --since"));
    // Its day is dropped.
    execute(shell, "update consumer.horizon set dropped_up_to = (now() - interval '499 days')::date");
    CHECK(read(shell("audit --json" + at_once + since).out).exceptions.empty());
    // A second one is stored, whose sender was told 503: it does not stand in for one that was answered.
    const Uuid doubted = make_event(shell, acme, "invoice.paid", "{}", "billing");
    execute(shell, fmt::format("insert into ingress.doubt values ('{}', '{}'); update ingress.answered set "
                               "in_doubt = 1",
                               doubted, acme));
    const auto found = [&] { return read(shell("audit --json" + at_once).out).exceptions; };
    CHECK(found().empty());
    execute(shell, fmt::format("delete from archive.event where id = '{0}'; delete from consumer.inbox where "
                               "message_id = '{0}'",
                               id));
    CHECK(found() == Kinds{"lost"});
}

TEST_CASE("an audit of nothing says so, and one of nonsense says what it is") {
    const Shell shell;
    const Ran nothing = shell("audit --since 2026-01-01T00:00:00Z");
    CHECK(nothing.code == 3);
    CHECK_THAT(nothing.err, Contains("nothing was accepted or stored from"));
    CHECK(shell("audit --since yesterday").code == 2);
    CHECK(shell("audit --since 2026-01-02T00:00:00Z --until 2026-01-02T00:00:00Z").code == 2);
    // Who asks for all is not told that all is well because he has misspelt whose.
    for (const std::string list :
         {"audit", "audit log", "dead-letter list", "held list", "event list", "replay list"})
        CHECK(shell(list + " --tenant nobody").code == 2);
    CHECK(shell("tenant show nobody").code == 3);
    CHECK(shell("audit --tenant nobody --all-tenants").code == 2);
}
