// What `tollgate audit` lists that is in the books of no hour, or of no tenant.
#include <chrono>

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

const std::string at_once = " --audit-patience 1ms";

}  // namespace

TEST_CASE("of a message that is nobody's an audit names a command that finds it") {
    Shell shell;
    make_tenant(shell, "acme");
    make_consumer(shell);
    make_letter(shell, {.tenant = Uuid{}, .type = "someone.else"});
    CHECK(shell("audit" + at_once).code == 1);  // nothing else came in its hour
    make_event(shell, make_tenant(shell, "other"), "invoice.paid", "{}", "billing");
    const Ran ran = shell("audit" + at_once);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, Contains("1 exception among 1 events"));
    const std::string command = "dead-letter groups --all-tenants --consumer billing";
    CHECK_THAT(ran.out, Contains("  tollgate " + command + "\n"));
    CHECK(shell(command).code == 0);
}

TEST_CASE(
    "an audit lists what is dead of earlier events too, and of a time that is named what is of it alone") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    CHECK(shell("audit" + at_once).code == 0);
    const Uuid old = first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{3});
    make_letter(shell, {.tenant = acme, .id = old});
    const Ran ran = shell("audit" + at_once);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, Contains("acme: 1 message given up by billing, of events of other hours") &&
                            Contains("  tollgate dead-letter groups --tenant acme --consumer billing\n"));
    const std::string lately = " --since " + to_rfc3339(SystemClock{}.now() - std::chrono::hours{1});
    CHECK(shell("audit" + at_once + lately).code == 0);
    execute(shell, "delete from consumer.work where message_id = '" + old.text() + "'");
    execute(shell, fmt::format("insert into journal.refused (reader, tenant, topic, event_id, reason) "
                               "values ('relay', '{}', 'billing.dlq', '{}', 'too large')",
                               acme, id));
    for (const std::string& time : {std::string{}, lately}) {
        CHECK_THAT(shell("audit" + at_once + time).out,
                   Contains("1 exception among 1 events") &&
                       Contains("1 message on billing.dlq refused by Kafka for good") &&
                       Contains("  tollgate dead-letter list --tenant acme --consumer relay\n"));
    }
}

TEST_CASE("an audit of a time that is named lists what is nobody's, of hours in which nothing else came") {
    Shell shell;
    make_tenant(shell, "acme");
    make_consumer(shell);
    make_letter(shell, {.tenant = Uuid{}, .type = "someone.else"});
    const auto since = [](std::chrono::hours ago) {
        return " --since " + to_rfc3339(SystemClock{}.now() - ago);
    };
    const Ran ran = shell("audit" + since(std::chrono::hours{2}));
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out,
               Contains("1 message given up by billing, of events that are not stored, or not any more"));
    const std::string before = " --until " + to_rfc3339(SystemClock{}.now() - std::chrono::hours{2});
    CHECK(shell("audit" + since(std::chrono::hours{4}) + before).code == 3);
}

TEST_CASE("an audit lists conflicts, and what is tried again and again, of events of whatever age") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    make_event(shell, acme, "invoice.paid", "{}", "billing");
    const Uuid old = first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{3});
    make_letter(shell, {.tenant = acme, .id = old});
    execute(shell,
            "update consumer.work set state = 'retrying', due_at = now(), since = now() - interval '1 day'");
    execute(shell, fmt::format("insert into ingress.held (tenant, event_id, source, provider, type, "
                               "conflicts_with, reason) select tenant, '{0}', 'shop', 'stripe', "
                               "'invoice.paid', '{0}', 'other content' from tenants.tenant",
                               first_uuid_v7_at(SystemClock{}.now() - std::chrono::days{2})));
    const Ran ran = shell("audit");
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(
        ran.out,
        Contains("acme: 1 message tried again and again by billing, of events of other hours") &&
            Contains("  tollgate dead-letter list --state retrying --tenant acme --consumer billing\n") &&
            Contains("acme: 1 event held: an id that came before, with other content; of events of other") &&
            Contains("  tollgate held list --tenant acme\n") && Contains("2 exceptions"));
    CHECK(shell("held list --tenant acme").code == 0);
    CHECK(shell("audit --since " + to_rfc3339(SystemClock{}.now() - std::chrono::hours{4})).code == 0);
}

TEST_CASE("an audit lists what a consumer has left that was retired") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell);
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}", "billing");
    make_letter(shell, {.tenant = acme, .consumer = "trial", .id = id});
    for (const std::string& time :
         {std::string{}, " --since " + to_rfc3339(time_of(id) - std::chrono::hours{2})}) {
        const Ran ran = shell("audit" + time);
        INFO(ran.out << ran.err);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.out, Contains("1 exception among") &&
                                Contains("1 message given up by trial, which is not registered any more"));
    }
}
