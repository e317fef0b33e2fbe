#include "ingress/settle.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using ingress::Events;
using ingress::Fate;
using ingress::NewEvent;
using ingress::Outcome;
using ingress::store::KnownKeys;

namespace {

const Uuid earlier = make_uuid_v7();
const Uuid a = make_uuid_v4();
const Uuid b = make_uuid_v4();
const Uuid print = make_uuid_v4();
const Uuid other_print = make_uuid_v4();

const Uuid source = make_uuid_v4();

struct Settled {
    ingress::store::Plan plan;
    ingress::Receipt receipt;
};

Settled settle(const Events& events, KnownKeys known) {
    const std::vector<const Events*> requests{&events};
    auto settled = ingress::settle(requests, std::move(known));
    return {std::move(settled.plan), std::move(settled.receipts.at(0))};
}

Events one(std::vector<Uuid> keys) {
    NewEvent event{.source = source, .keys = std::move(keys), .fingerprint = print};
    event.event.id = make_uuid_v7();
    return {event};
}

}  // namespace

TEST_CASE("of what nobody knows, all keys are taken") {
    const Events events = one({a, b});
    const auto settled = settle(events, {});
    CHECK(settled.receipt == ingress::Receipt{{events[0].event.id, Fate::accepted}});
    CHECK(settled.plan.keys.size() == 2);
    REQUIRE(settled.plan.entries.size() == 1);
    CHECK(settled.plan.entries[0].event_id == events[0].event.id);
}

TEST_CASE("what is known by its own id was committed while its answer was lost") {
    const Events events = one({a, b});
    const KnownKeys known{{events[0].key(0), {events[0].event.id, print}},
                          {events[0].key(1), {events[0].event.id, print}}};
    const auto settled = settle(events, known);
    CHECK(settled.receipt == ingress::Receipt{{events[0].event.id, Fate::accepted}});
    CHECK(settled.plan.keys.empty());
    CHECK(settled.plan.events.empty());
}

TEST_CASE("a conflict known by its own id was held while its answer was lost") {
    const Events events = one({a});
    const auto first = settle(events, {{events[0].key(0), {earlier, other_print}}});
    REQUIRE(first.receipt == ingress::Receipt{{events[0].event.id, Fate::held}});
    KnownKeys known{{events[0].key(0), {earlier, other_print}}};
    for (const auto& key : first.plan.keys) known[key.key] = {key.event_id, key.fingerprint};
    const auto again = settle(events, known);
    CHECK(again.receipt == first.receipt);
    CHECK(again.plan.keys.empty());
}

TEST_CASE("likewise with a second key, which leads to it") {
    const Events events = one({a, b});
    KnownKeys known{{events[0].key(0), {earlier, other_print}}};
    const auto first = settle(events, known);
    REQUIRE(first.receipt == ingress::Receipt{{events[0].event.id, Fate::held}});
    for (const auto& key : first.plan.keys) known[key.key] = {key.event_id, key.fingerprint};
    CHECK(settle(events, known).receipt == first.receipt);
}

TEST_CASE("of two keys, the one with the same fingerprint says whose duplicate it is") {
    const Events events = one({a, b});
    const Uuid other = make_uuid_v7();
    const auto settled =
        settle(events, {{events[0].key(0), {other, other_print}}, {events[0].key(1), {earlier, print}}});
    CHECK(settled.receipt == ingress::Receipt{{earlier, Fate::duplicate}});
    CHECK(settled.plan.keys.empty());
    CHECK(settled.plan.holds.empty());
}

TEST_CASE("what must be looked up includes the key of a conflict") {
    const Events events = one({a, b});
    const std::vector<const Events*> requests{&events};
    CHECK(ingress::keys_to_look_up(requests).size() == 4);
    CHECK(ingress::key_of_conflict(a, print) != ingress::key_of_conflict(a, other_print));
    CHECK(ingress::key_of_conflict(a, print) != a);
}

TEST_CASE("what one request brings is known to the next") {
    const Events first = one({a});
    const Events repeat = one({a});
    Events other = one({a});
    other[0].fingerprint = other_print;
    Events others_repeat = other;
    others_repeat[0].event.id = make_uuid_v7();
    const std::vector<const Events*> requests{&first, &repeat, &other, &others_repeat};
    const auto settled = ingress::settle(requests, {});
    CHECK(settled.receipts == std::vector{ingress::Receipt{{first[0].event.id, Fate::accepted}},
                                          ingress::Receipt{{first[0].event.id, Fate::duplicate}},
                                          ingress::Receipt{{other[0].event.id, Fate::held}},
                                          ingress::Receipt{{other[0].event.id, Fate::duplicate}}});
    CHECK(settled.plan.events.size() == 2);
    CHECK(settled.plan.entries.size() == 1);
    CHECK(settled.plan.holds.size() == 1);
}
