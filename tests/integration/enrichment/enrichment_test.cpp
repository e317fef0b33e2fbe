// Raw events become payment events: each one, once, on either bus.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "events/record_key.hpp"
#include "journal/append.hpp"
#include "providers/catalogue.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using consumer::Message;

namespace {

archive::Event with_amount(const std::string& amount) {
    return raw_event("payment_intent.succeeded",
                     R"({"object": "event", "data": {"object": {"id": "pi_1", "currency": "usd",
                         "amount_received": )" +
                         amount + "}}}");
}

std::vector<archive::Event> every_sample() {
    std::vector<archive::Event> events;
    for (const providers::Provider* const provider : providers::all()) {
        for (const providers::Sample& sample : provider->samples)
            events.push_back(
                raw_event(std::string{sample.type}, std::string{sample.body}, std::string{provider->name}));
    }
    return events;
}

std::vector<Uuid> ids_of(const std::vector<Message>& messages) {
    std::vector<Uuid> ids;
    for (const Message& message : messages) ids.push_back(message.id.value());
    return ids;
}

}  // namespace

TEMPLATE_TEST_CASE("a raw event becomes a payment event on the bus", "", EnrichmentByJournal,
                   EnrichmentByKafka) {
    TestType world;
    const auto process = world.start();
    archive::Event raw = sample_event("charge.succeeded");
    raw.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    world.pipeline().put({raw});
    const auto messages = world.payments(1);
    REQUIRE(messages.size() == 1);
    const Message& message = messages.front();
    CHECK_FALSE(message.flaw);
    CHECK(message.id == raw.id);
    CHECK(message.key == events::record_key(raw.tenant, raw.source, *raw.ordering_key, raw.id));
    REQUIRE(message.attributes);
    CHECK(message.attributes->source ==
          events::Source{.tenant = raw.tenant, .slug = "shop", .stage = events::Stage::enriched});
    CHECK(message.attributes->type == "tollgate.payment.money_in");
    CHECK(message.attributes->content_type == "application/protobuf");
    CHECK(message.attributes->traceparent == raw.traceparent);
    const auto payment = events::decode_payment_event(message.value.value());
    REQUIRE(payment);
    CHECK(message.attributes->subject == payment->subject().id());
    CHECK(payment->fact() == v1::FACT_PAYMENT_SUCCEEDED);
    CHECK(payment->amount().minor() == 9900);
    CHECK(payment->account() == "acct_1");
    CHECK(payment->mode() == v1::MODE_LIVE);
    CHECK(payment->proof() == v1::PROOF_SIGNATURE);
    CHECK(payment->source() == "shop");
    CHECK(payment->provider_event_id() == raw.provider_event_id);
    // And what is stored is what went over the bus.
    CHECK(world.payment(raw.id)->SerializeAsString() == payment->SerializeAsString());
    CHECK(world.count("archive.payment_event where category = 'money_in' and provider = 'stripe' and "
                      "customer = 'cus_TUj4mHnRgAd41' and amount_minor = 9900 and currency = 'USD'") == 1);
}

TEMPLATE_TEST_CASE("every sample of every provider becomes one payment event", "", EnrichmentByJournal,
                   EnrichmentByKafka) {
    TestType world;
    const auto process = world.start();
    const auto raw = every_sample();
    world.pipeline().put(raw);
    const auto messages = world.payments(raw.size());
    auto ids = ids_of(messages);
    std::ranges::sort(ids);
    std::vector<Uuid> expected;
    for (const archive::Event& each : raw) expected.push_back(each.id);
    std::ranges::sort(expected);
    CHECK(ids == expected);
    CHECK(world.work().empty());
    for (const Message& message : messages) {
        const auto payment = events::decode_payment_event(message.value.value());
        REQUIRE(payment);
        CHECK(payment->category() != v1::CATEGORY_UNSPECIFIED);
    }
}

TEMPLATE_TEST_CASE("copies of a raw event on the bus make one payment event", "", EnrichmentByJournal,
                   EnrichmentByKafka) {
    TestType world;
    const auto process = world.start();
    const archive::Event raw = sample_event("charge.succeeded");
    world.pipeline().put({raw});
    REQUIRE(world.payments(1).size() == 1);
    for (int copy = 0; copy < 3; ++copy) world.pipeline().append("raw", raw.id);
    const archive::Event last = sample_event("charge.refunded");
    world.pipeline().put({last});
    CHECK(ids_of(world.payments(2)) == std::vector{raw.id, last.id});
    CHECK(world.count("archive.payment_event") == 2);
    CHECK(world.count("consumer.inbox where consumer = 'enrichment'") == 2);
}

TEMPLATE_TEST_CASE("what a provider's folder cannot read is a dead letter, and the rest goes on", "",
                   EnrichmentByJournal, EnrichmentByKafka) {
    TestType world;
    const auto process = world.start();
    std::vector<archive::Event> raw{with_amount("1"), with_amount("1.5"), with_amount("3"), with_amount("-7"),
                                    with_amount("5")};
    world.pipeline().put(raw);
    CHECK(ids_of(world.payments(3)) == std::vector{raw[0].id, raw[2].id, raw[4].id});
    REQUIRE(comes_true([&] { return world.work().size() == 2; }));
    for (const std::string& dead : world.work())
        CHECK_THAT(dead, Catch::StartsWith("dead: the body's /data/object/amount_received: "));
    CHECK(world.count("journal.entry where topic = 'enrichment.dlq'") == 2);
    CHECK(world.count("archive.payment_event") == 3);
    CHECK_FALSE(world.payment(raw[1].id));
}

TEST_CASE("an unknown type passes as other with its body, and a large one by reference") {
    EnrichmentByKafka world;
    const auto process = world.start();
    const std::string body = R"({"much": ")" + std::string(400'000, 'x') + R"("})";
    const archive::Event raw = raw_event("nobody.knows.it", body);
    world.pipeline().put({raw});
    const auto messages = world.payments(1);
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].attributes->type == "tollgate.payment.other");
    CHECK(messages[0].attributes->reference == "archive");
    CHECK(messages[0].value == "");
    const auto payment = world.payment(raw.id);
    REQUIRE(payment);
    CHECK(payment->category() == v1::CATEGORY_OTHER);
    CHECK(payment->unrecognised().data() == body);
}

TEMPLATE_TEST_CASE("a redo writes the payment event over and appends it again under its id", "",
                   EnrichmentByJournal, EnrichmentByKafka) {
    TestType world;
    const auto process = world.start();
    const archive::Event raw = sample_event("charge.succeeded");
    const archive::Event other = sample_event("charge.refunded");
    world.pipeline().put({raw, other});
    REQUIRE(world.payments(2).size() == 2);
    // As an earlier build had read it.
    world.pipeline().owner().execute(
        "update archive.payment_event set data = '', category = 'other', amount_minor = null, "
        "currency = null where id = $1",
        raw.id);
    world.redo({raw.id});
    REQUIRE(comes_true([&] { return world.count("journal.entry where topic = 'payment'") == 3; }));
    CHECK(world.payment(raw.id)->amount().minor() == 9900);
    CHECK(world.count("archive.payment_event where category = 'money_in' and currency = 'USD'") == 1);
    CHECK(world.count("archive.payment_event") == 2);
    CHECK(comes_true([&] { return world.work().empty(); }));
    // What comes behind it is not held up.
    const archive::Event last = sample_event("charge.failed");
    world.pipeline().put({last});
    const auto ids = ids_of(world.payments(3));
    CHECK(std::ranges::count(ids, raw.id) == 2);
    CHECK(std::ranges::count(ids, other.id) == 1);
}

TEST_CASE("texts that a database cannot hold pass, and another tenant's id in a record does not") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const archive::Event zeros =
        raw_event("customer.created", R"({"object": "event", "data": {"object": {"id": "cus_\u0000\u00e4",
                                          "object": "customer"}}})");
    world.pipeline().put({zeros});
    REQUIRE(world.payments(1).size() == 1);
    CHECK(world.count("archive.payment_event where customer = 'cus_ä'") == 1);
    CHECK(world.payment(zeros.id)->customer().id() == std::string("cus_\0ä", 7));

    const archive::Event foreign = sample_event("charge.succeeded");
    {
        postgres::Connection connection = open(world.pipeline().settings("ingress"));
        const journal::NewEntry entry{.tenant = make_uuid_v7(), .topic = "raw", .event_id = foreign.id};
        must(transact(connection, [&](postgres::Transaction& tx) {
            archive::write(tx, std::array{foreign});
            journal::append(tx, {&entry, 1});
        }));
    }
    REQUIRE(comes_true([&] { return world.work().size() == 1; }));
    CHECK_THAT(world.work().front(), Catch::StartsWith("dead: "));
    CHECK(world.count("archive.payment_event") == 1);
}
