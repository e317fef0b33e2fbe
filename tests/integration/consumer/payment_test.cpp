// Consumers of what enrichment made: how their messages are read, refilled, and keep their day.
#include <catch2/catch.hpp>

#include "archive/payment_events.hpp"
#include "consumer/registration.hpp"
#include "consumer/stored.hpp"
#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using consumer::Message;

namespace {

archive::StoredPayment payment_of(const archive::Event& event, const std::string& data = "a payment") {
    return {.id = event.id,
            .tenant = event.tenant,
            .source = event.source,
            .provider = event.provider,
            .category = "money_in",
            .type = event.type,
            .ordering_key = event.ordering_key.value_or(""),
            .data = data};
}

// On nobody's bus.
void store(const World& world, const std::vector<archive::Event>& events,
           const std::vector<archive::StoredPayment>& payments) {
    postgres::Connection ingress = open(world.settings("ingress"));
    must(transact(ingress, [&](postgres::Transaction& tx) { archive::write(tx, events); }));
    postgres::Connection enrichment = open(world.settings("enrichment"));
    must(transact(enrichment, [&](postgres::Transaction& tx) { archive::write_payments(tx, payments); }));
}

std::vector<Message> read(const World& world, std::vector<journal::Entry> entries) {
    postgres::Connection connection = open(world.settings("enrichment"));
    std::vector<Message> all;
    std::span<const journal::Entry> left{entries};
    while (!left.empty()) {
        auto some = must(consumer::read_messages(connection, left, 1U << 20U));
        left = left.subspan(some.size());
        for (Message& message : some) all.push_back(std::move(message));
    }
    return all;
}

journal::Entry entry(const std::string& topic, const Uuid& id) {
    return {.tenant = tenant(), .topic = topic, .event_id = id};
}

std::optional<std::string> needs_today(const World& world) {
    return open(world.owner())
        .execute("select consumer.needs_day((now() at time zone 'UTC')::date)")
        .only()
        .get<std::optional<std::string>>(0);
}

// As if it had taken on a message.
void take(const World& world, const std::string& consumer, const archive::Event& event) {
    postgres::Connection connection = open(world.settings(consumer));
    connection.execute("select consumer.make_days_of($1)", std::vector{event.id});
    connection.execute("insert into consumer.inbox values ($1, $2, $3)", consumer, event.id, event.tenant);
}

}  // namespace

TEST_CASE("an entry is read as what its topic says, and several of each in their order") {
    const JournalWorld world;
    const auto events = numbered(1, 3);
    store(world, events, {payment_of(events[0]), payment_of(events[1], "another")});
    const auto messages = read(
        world, {entry("raw", events[0].id), entry("payment", events[0].id), entry("payment", events[1].id),
                entry("raw", events[2].id), entry("payment", events[2].id), entry("weather", events[0].id)});
    REQUIRE(messages.size() == 6);
    CHECK(messages[0].value == "1");
    CHECK(messages[1].value == "a payment");
    CHECK(messages[1].topic == "payment");
    CHECK(messages[1].id == events[0].id);
    CHECK(messages[1].key == messages[0].key);
    CHECK(messages[1].attributes->type == "tollgate.payment.money_in");
    CHECK(messages[1].attributes->source.stage == events::Stage::enriched);
    CHECK(messages[2].value == "another");
    CHECK(messages[3].value == "3");
    CHECK_THAT(messages[4].flaw.value().detail, Catch::Contains("payment event is not in the archive"));
    CHECK_THAT(messages[5].flaw.value().detail, Catch::Contains("data of this topic are not kept"));
}

TEST_CASE("a large payment event comes whole though by reference, and another tenant's does not") {
    const JournalWorld world;
    const auto events = numbered(1, 1);
    const std::string large(300'000, 'x');
    store(world, events, {payment_of(events[0], large)});
    auto messages = read(world, {entry("payment", events[0].id)});
    CHECK(messages[0].value == large);
    CHECK(messages[0].headers.back() == events::Header{"tollgate_ref", "archive"});
    CHECK_FALSE(messages[0].flaw);

    messages[0].attributes->source.tenant = make_uuid_v7();
    postgres::Connection connection = open(world.settings("billing"));
    must(consumer::look_up(connection, messages[0]));
    CHECK_FALSE(messages[0].value);
    CHECK_THAT(messages[0].flaw.value().detail, Catch::Contains("another tenant's"));
}

TEST_CASE("who reads payment events is refilled with those that are stored and it has not got") {
    const JournalWorld world;
    const auto events = numbered(1, 5);
    store(world, events, {payment_of(events[0]), payment_of(events[1]), payment_of(events[3])});
    postgres::Connection connection = open(world.settings("billing"));
    must(consumer::register_consumer(connection, {.name = "billing", .input = "payment"}));
    take(world, "billing", events[1]);
    const auto refilled = must(consumer::refill(connection, "billing", 2));
    CHECK(refilled.looked_at == 3);
    CHECK(refilled.appended == 2);
    CHECK(refilled.ended);
    std::vector<Uuid> appended;
    for (const auto row : open(world.owner())
                              .execute("select event_id from journal.entry where topic = "
                                       "'payment' order by seq"))
        appended.push_back(row.get<Uuid>(0));
    CHECK(appended == std::vector{events[0].id, events[3].id});
    CHECK(count(world, "consumer.consumer where name = 'billing' and refill_after is null") == 1);
    CHECK(must(consumer::refill(connection, "billing", 2)).ended);
}

TEST_CASE("a day is needed until consumers of payment events have got those that there are") {
    const JournalWorld world;
    const auto events = numbered(1, 3);
    // The third could not be read: it is a dead letter of enrichment, and nothing is made of it.
    store(world, events, {payment_of(events[0]), payment_of(events[1])});
    postgres::Connection enrichment = open(world.settings("enrichment"));
    must(consumer::register_consumer(enrichment, {.name = "enrichment"}));
    postgres::Connection billing = open(world.settings("billing"));
    must(consumer::register_consumer(billing, {.name = "billing", .input = "payment"}));
    for (const archive::Event& event : events) take(world, "enrichment", event);
    CHECK(needs_today(world) == "consumer \"billing\" has not got 2 of its 2 events");
    take(world, "billing", events[0]);
    CHECK(needs_today(world) == "consumer \"billing\" has not got 1 of its 2 events");
    take(world, "billing", events[1]);
    CHECK(needs_today(world) == std::nullopt);
}
