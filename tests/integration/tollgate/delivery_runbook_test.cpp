// Every command of the runbook about messages to people, in its order, in an incident with Slack.
#include <catch2/catch.hpp>

#include "integration/delivery/deliveries.hpp"
#include "letters.hpp"
#include "on_call.hpp"
#include "support/slack_recorder/slack_recorder.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

Handed failed(const std::string& invoice) {
    return {
        payment_event("fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK attempt: 1 "
                      "references { invoice_id: \"" +
                      invoice + "\" } amount { minor: 900 currency: \"USD\" }")};
}

// Of the delivery that tells of the event.
std::string put_into(const Shell& shell, const Handed& event, const std::string& set) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner
        .execute(fmt::format("update delivery.delivery d set {} from delivery.delivery_event e "
                             "where e.delivery = d.delivery and e.event_id = $1 returning d.delivery",
                             set),
                 event.id)
        .only()
        .get<Uuid>(0)
        .text();
}

constexpr const char* const waits = "reason = 'the webhook was removed in Slack'";
constexpr const char* const is_dead =
    "state = 'dead', due_at = null, settled_at = now(), reason = 'the channel was archived', attempts = 1";
constexpr const char* const is_unknown =
    "state = 'unknown', due_at = null, settled_at = now(), reason = 'cut', attempts = 2";

}  // namespace

TEST_CASE("the runbook about messages does what it says, command by command") {
    const Shell shell;
    SlackRecorder slack;
    const Uuid acme = make_tenant(shell, "acme");
    make_destination(shell.database(), "acme", "payments");
    make_destination(shell.database(), "acme", "ops", R"({"channel": "C0"})");
    const std::vector<Handed> events{failed("in_1"), failed("in_2"), failed("in_3"), failed("in_4")};
    hand_to_plan(shell.database(), acme, events);
    OnCall on_call{shell};
    on_call.knows("TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1");
    on_call.has_file("webhook.url", slack.webhook("payments") + "\n");
    on_call.knows("DELIVERY", put_into(shell, events[0], waits));
    {
        postgres::Connection owner = open(shell.database().owner());
        owner.execute_script(
            "set tollgate.tenant = '*'; update delivery.lane set broken_at = now(), "
            "broken_reason = 'the webhook was removed in Slack'");
    }
    const auto blocks = blocks_of("deploy/runbooks/delivery.md");
    for (const std::string& block : blocks) {
        if (block.contains("delivery retry")) put_into(shell, events[0], is_dead);
        if (block.contains("delivery discard")) on_call.knows("OTHER", put_into(shell, events[1], is_dead));
        if (block.contains("delivery settle"))
            on_call.knows("UNKNOWN", put_into(shell, events[2], is_unknown));
        const Ran ran = on_call.gives(block);
        INFO(block << ran.out << ran.err);
        CHECK(ran.code == 0);
        if (block.contains("destination list")) CHECK_THAT(ran.out, Catch::Contains("broken since"));
        if (block.contains("delivery resume"))
            CHECK(count(shell, "delivery.lane where broken_at is null") == 1);
    }
    CHECK(blocks.size() == 9);
    CHECK(count(shell, "tenants.destination where settings ->> 'channel' = 'C0123ABCD'") == 1);
    CHECK(slack.calls().size() == 1);
    CHECK(count(shell, "delivery.delivery where state = 'discarded'") == 1);
    CHECK(count(shell, "delivery.delivery where state = 'delivered'") == 1);
    CHECK(count(shell, "delivery.delivery where state = 'waiting'") == 2);
}
