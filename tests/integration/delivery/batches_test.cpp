// What is planned, claimed and settled many at a time is as if it had come one by one.
#include <catch2/catch.hpp>

#include "integration/delivery/scripted_channel.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Texts = std::vector<std::string>;

namespace {

Handed paid(int number, const std::string& more = "") {
    return {
        payment_event(fmt::format("fact: FACT_PAYMENT_SUCCEEDED history {{ payments: 3 }} references {{ "
                                  "payment_id: \"pi_{0}\" invoice_id: \"in_{0}\" }} amount {{ minor: "
                                  "250000 currency: \"USD\" }} {1}",
                                  number, more))};
}

Handed failed(int number, int attempt) {
    return {payment_event(fmt::format(
        "fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK attempt: {} references {{ "
        "invoice_id: \"in_f{}\" }} amount {{ minor: 900 currency: \"USD\" }}",
        attempt, number))};
}

Handed disputed(int number) {
    return {
        payment_event(fmt::format("fact: FACT_DISPUTE_OPENED category: CATEGORY_MONEY_OUT "
                                  "references {{ dispute_id: \"dp_{}\" }}",
                                  number))};
}

Handed small(int number) {
    Handed event = paid(1000 + number);
    event.event.mutable_amount()->set_minor(10);
    return event;
}

// Siblings of one fact, attempts of one invoice, what goes into a digest, and more than enough for a storm.
std::vector<Handed> all_sorts() {
    std::vector<Handed> all{failed(1, 1), paid(1), paid(1), disputed(1), failed(1, 2), small(1), small(2)};
    for (int number = 2; number < 14; ++number) all.push_back(paid(number));
    all.push_back(failed(2, 1));
    all.push_back(paid(1));
    return all;
}

// Of each message what it is, of how many events, and whether it waits for something.
Texts messages(Deliveries& world) {
    return world.rows(
        "select concat_ws(' ', d.kind, case when d.kind <> 'storm' then d.key ~ '/0$' end, d.layout, d.why, "
        "d.priority, d.is_follow_up, d.state, d.hold, d.story_kind, d.due_at <= now(), 'of', "
        "(select count(*) from delivery.delivery_event e where e.delivery = d.delivery and not e.is_late), "
        "(select count(*) from delivery.delivery_event e where e.delivery = d.delivery and e.is_late)) "
        "from delivery.delivery d order by 1");
}

}  // namespace

TEST_CASE("events that are planned together become the messages that they would one after the other") {
    for (const char* const settings :
         {R"({"sibling_wait_ms": 0, "storm_after": 0})", R"({"sibling_wait_ms": 60000})",
          R"({"sibling_wait_ms": 0, "quiet_hours": {"from": "00:00", "until": "23:59"}})"}) {
        INFO(settings);
        Deliveries together;
        Deliveries apart;
        for (Deliveries* const world : {&together, &apart}) {
            world->destination("payments", settings);
            world->destination("all", settings);
            world->tell_everything("all");
        }
        const std::vector<Handed> events = all_sorts();
        together.plan(events);
        for (const Handed& each : events) apart.plan({each});
        CHECK(messages(together) == messages(apart));
        // And nothing more when they come again.
        const Texts before = messages(together);
        together.plan(events);
        CHECK(messages(together) == before);
    }
}

TEST_CASE("what is told of is sent at once, also by a sender that looks seldom") {
    Deliveries world;
    world.destination("payments");
    world.tell_everything("payments");
    ScriptedChannel channel;
    delivery::SenderSettings settings = sender_settings(world);
    settings.look_every = std::chrono::hours{1};
    RunningSender sender{settings, channel};
    world.plan({paid(1)});
    sender.expect(std::chrono::steady_clock::now());
    CHECK(wait_until([&] { return channel.calls() == 1; }));
    world.plan({paid(2)});
    sender.expect(std::chrono::steady_clock::now() + std::chrono::milliseconds{50});
    CHECK(wait_until([&] { return channel.calls() == 2; }));
    CHECK(wait_until([&] { return world.in_state("delivered") == 2; }));
}
