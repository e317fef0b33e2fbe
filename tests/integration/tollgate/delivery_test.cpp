// Rules and deliveries as commands show and settle them.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "integration/delivery/deliveries.hpp"
#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

Handed failed() {
    return {
        payment_event("fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK attempt: 1 "
                      "references { invoice_id: \"in_1\" } amount { minor: 900 currency: \"USD\" }")};
}

std::string only_delivery(const Shell& shell) {
    const Ran listed = shell("delivery list --all-tenants --json");
    return std::string{boost::json::parse(listed.out).at("delivery").as_string()};
}

void set_state(const Shell& shell, const std::string& set) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'; update delivery.delivery set " + set);
}

constexpr const char* const is_dead =
    "state = 'dead', due_at = null, settled_at = now(), reason = 'the channel was archived', attempts = 1";
constexpr const char* const is_unknown =
    "state = 'unknown', due_at = null, settled_at = now(), reason = 'cut', attempts = 2, settled_by = null";

}  // namespace

TEST_CASE("rules are listed, added, tried and removed by command") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    CHECK(shell("rule list --all-tenants").code == 3);
    make_destination(shell.database(), "acme", "payments");
    CHECK_THAT(shell("rule list --tenant acme").out, Contains("at least 1000.00 USD"));
    const Ran added = shell.run({"rule", "add", "big refunds", "--tenant", "acme", "--destination",
                                 "payments", "--type", "refund", "--minimum", "500.50 USD", "--place", "1",
                                 "--pass-quiet-hours", "--mention", "S0123ABCD"});
    CHECK(added.code == 0);
    CHECK_THAT(added.out, Contains("at least 500.50 USD") && Contains("passes") && Contains("S0123ABCD"));
    CHECK_THAT(shell("rule list --tenant acme --json").out, Contains(R"("minimum_minor":50050)"));
    CHECK(shell.run({"rule", "add", "x", "--tenant", "acme", "--destination", "payments", "--minimum", "5"})
              .code == 2);
    CHECK(shell("rule add x --tenant acme --destination payments --priority 5").code == 2);
    CHECK(shell("rule add x --tenant acme --destination payments --way loud").code == 2);
    const Handed event = failed();
    store_payment_event(shell.database(), acme, event);
    CHECK_THAT(shell("rule test " + event.id.text()).out,
               Contains("yes, and it decides") && Contains("no: its type is payment_failed"));
    CHECK(shell.run({"rule", "remove", "big refunds", "--tenant", "acme"}).code == 0);
    CHECK(shell.run({"rule", "remove", "big refunds", "--tenant", "acme"}).code == 3);
    const auto oleg = shell.as("oleg", "--role viewer --tenant acme");
    CHECK(shell("rule add x --tenant acme --destination payments", oleg).code == 4);
    CHECK(shell("rule list --tenant acme", oleg).code == 0);
}

TEST_CASE("a delivery is listed and shown, and its message can be seen before anybody gets it") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_destination(shell.database(), "acme", "payments");
    CHECK(shell("delivery list --all-tenants").code == 3);
    const Handed event = failed();
    store_payment_event(shell.database(), acme, event);
    hand_to_plan(shell.database(), acme, {event});
    CHECK_THAT(shell("delivery list --tenant acme --state waiting --event " + event.id.text()).out,
               Contains("payment_failed"));
    CHECK(shell("delivery list --tenant acme --state dead").code == 3);
    const std::string id = only_delivery(shell);
    CHECK_THAT(shell("delivery show " + id).out,
               Contains("failed payments") && Contains(event.id.text()) && Contains("none yet"));
    CHECK_THAT(shell("delivery show " + id + " --json").out, Contains(R"("state":"waiting")"));
    const Ran preview = shell("delivery preview " + event.id.text() + " --destination payments");
    CHECK(preview.code == 0);
    CHECK_THAT(preview.out, Contains("Payment failed: Acme Corp, $9.00") && Contains(R"("type":"header")"));
    CHECK(boost::json::parse(shell("delivery preview " + event.id.text() + " --blocks").out).is_object());
    CHECK(shell("delivery preview " + make_uuid_v7().text()).code == 3);
    CHECK_THAT(shell("audit log --tenant acme --verb delivery").out, Contains("delivery preview"));
    const auto oleg = shell.as("oleg", "--role viewer --tenant acme");
    CHECK(shell("delivery show " + id, oleg).code == 0);
    make_tenant(shell, "other");
    CHECK(shell("delivery show " + id, shell.as("olga", "--role admin --tenant other")).code == 3);
}

TEST_CASE("what was not sent is tried again, given up or settled by an operator, and the log says so") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_destination(shell.database(), "acme", "payments");
    Handed event = failed();
    event.id = make_event(shell, acme, "invoice.payment_failed", "{}");
    hand_to_plan(shell.database(), acme, {event});
    const std::string id = only_delivery(shell);
    const auto oleg = shell.as("oleg", "--role viewer --tenant acme");
    CHECK_THAT(shell("delivery retry " + id).err, Contains("is waiting"));
    set_state(shell, is_dead);
    CHECK(shell("delivery retry " + id, oleg).code == 4);
    CHECK_THAT(shell("delivery retry " + id).out, Contains("is waiting"));
    set_state(shell, is_unknown);
    const Ran audit = shell("audit --tenant acme");
    CHECK(audit.code == 1);
    CHECK_THAT(audit.out, Contains("tollgate delivery list --tenant acme --state unknown") &&
                              Contains("acme: 1 delivery of which nobody knows whether the message arrived"));
    const std::string earlier = " --since 2020-01-01T00:00:00Z --until 2020-01-02T00:00:00Z";
    CHECK_THAT(shell("audit --tenant acme" + earlier).out, !Contains("delivery"));
    CHECK_THAT(shell("delivery retry " + id).err, Contains("delivery settle"));
    CHECK(shell("delivery settle " + id).code == 2);
    CHECK_THAT(shell("delivery settle --again " + id).out, Contains("is waiting"));
    CHECK_THAT(shell("audit --tenant acme").out, !Contains("acme: 1 delivery"));
    set_state(shell, "due_at = now() - interval '1 hour'");
    CHECK_THAT(shell("audit --tenant acme").out, Contains("acme: 1 delivery due a while ago and not sent"));
    set_state(shell, "first_tried_at = now() - interval '1 hour'");
    CHECK_THAT(shell("audit --tenant acme").out, Contains("acme: 1 delivery tried again and again"));
    set_state(shell, is_unknown);
    CHECK_THAT(shell("delivery settle --arrived " + id).out, Contains("is delivered"));
    CHECK(shell("delivery discard " + id).code == 2);
    set_state(shell, is_unknown);
    CHECK_THAT(shell("delivery discard --reason called " + id).out, Contains("is discarded"));
    CHECK_THAT(shell("delivery show " + id).out, Contains("settled by") && Contains("called"));
    CHECK_THAT(shell("event show " + event.id.text()).out,
               Contains("delivery planned a message: to payments, by rule \"failed payments\"") &&
                   Contains("delivery discarded: by ann: called") &&
                   Contains("delivery retry: by ann: no reason given; it was dead\n") &&
                   Contains("delivery settle: by ann: no reason given; it was unknown\n"));
    CHECK_THAT(shell("delivery retry " + id).out, Contains("is waiting"));
    // The viewer's refusal among them.
    CHECK(count(shell, "tenants.audit where verb like 'delivery %'") == 6);
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script(
        "set tollgate.tenant = '*'; update delivery.lane set broken_at = now(), broken_reason = 'gone'");
    CHECK_THAT(
        shell("audit --tenant acme").out,
        Contains("takes none: gone") && Contains("tollgate destination reconnect payments --tenant acme"));
    CHECK(shell("delivery resume payments --tenant acme --reason invited").code == 0);
    CHECK(shell("delivery resume nowhere --tenant acme").code == 3);
}
