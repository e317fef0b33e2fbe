// Payment events that no consumer of them can read: given up with a reason, with their bytes, and the rest
// goes on.
#include <catch2/catch.hpp>

#include "archive/payment_events.hpp"
#include "consumer/stored.hpp"
#include "events/payment_event.hpp"
#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Strings = std::vector<std::string>;

namespace {

// As those that book payments do: what they cannot read is rejected, for another try changes nothing.
class Booking final : public consumer::Handler {
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override {
        std::vector<consumer::Outcome> outcomes;
        for (const consumer::Task& task : batch) {
            const auto payment = events::decode_payment_event(task.message->value.value_or(""));
            if (payment) {
                tx.execute("insert into public.effect (event_id, value) values ($1, $2)", task.id,
                           payment->provider_event_id());
                outcomes.emplace_back(consumer::Done{});
            } else {
                outcomes.emplace_back(consumer::Reject{.reason = payment.error().text()});
            }
        }
        return outcomes;
    }
};

class BookingAtWork {
public:
    explicit BookingAtWork(const MemberSettings& settings)
        : trial_{settings, handler_},
          thread_{[this](const std::stop_token& stop) { static_cast<void>(trial_.runtime().run(stop)); }} {}

private:
    Booking handler_;
    TrialRuntime trial_;
    std::jthread thread_;
};

// What is not Protobuf at all, what breaks off in the middle, and text in a field that is none.
std::string bytes_of(const std::string& kind) {
    if (kind == "noise") return std::string{"\xff\xff\xff\xff\x00{\"paid\":true}", 18};
    events::PaymentEvent payment;
    payment.set_provider_event_id("evt_7");
    std::string good = must(events::encode(payment));
    if (kind == "broken off") return good.substr(0, good.size() - 2);
    std::string no_text = good;
    no_text.replace(no_text.find("evt_7"), 5, "\xc3\x28\xa0\xa1\xff");
    return kind == "no text" ? no_text : good;
}

archive::StoredPayment payment_of(const archive::Event& event, const std::string& data) {
    return {.id = event.id,
            .tenant = event.tenant,
            .source = event.source,
            .provider = event.provider,
            .category = "money_in",
            .type = event.type,
            .ordering_key = event.ordering_key.value_or(""),
            .data = data};
}

// As enrichment and the relay would have put it there.
void put(JournalWorld& world, const archive::Event& event) {
    world.append(event.id, "payment");
}

void put(KafkaWorld& world, const archive::Event& event) {
    postgres::Connection connection = open(world.settings());
    const journal::Entry entry{.tenant = event.tenant, .topic = "payment", .event_id = event.id};
    const auto message = must(consumer::read_messages(connection, {&entry, 1}, 1U << 20U)).front();
    const std::string topic = world.member().topic_prefix + "payment";
    kafka::Record record{.topic = topic, .partition = 0, .key = *message.key, .value = *message.value};
    for (const auto& [name, text] : message.headers) record.headers.push_back({name, text});
    world.produce(record);
}

void publish(World& world, const archive::Event& event, const std::string& data) {
    postgres::Connection ingress = open(world.settings("ingress"));
    must(transact(ingress, [&](postgres::Transaction& tx) { archive::write(tx, {&event, 1}); }));
    postgres::Connection enrichment = open(world.settings("enrichment"));
    const auto payment = payment_of(event, data);
    must(
        transact(enrichment, [&](postgres::Transaction& tx) { archive::write_payments(tx, {&payment, 1}); }));
    if (auto* journal = dynamic_cast<JournalWorld*>(&world)) put(*journal, event);
    if (auto* kafka = dynamic_cast<KafkaWorld*>(&world)) put(*kafka, event);
}

MemberSettings booking_in(World& world) {
    if (auto* kafka = dynamic_cast<KafkaWorld*>(&world)) kafka->add_topic("payment");
    MemberSettings settings = world.another_consumer();
    settings.input = "payment";
    return settings;
}

}  // namespace

TEMPLATE_TEST_CASE("bytes that are no payment event are dead with the reason and kept, and the rest goes on",
                   "", JournalWorld, KafkaWorld) {
    TestType world;
    const std::string kind = GENERATE("noise", "broken off", "no text");
    CAPTURE(kind);
    const BookingAtWork running{booking_in(world)};
    const archive::Event before = event("1");
    const archive::Event unreadable = event("2");
    const archive::Event after = event("3");
    publish(world, before, bytes_of("good"));
    publish(world, unreadable, bytes_of(kind));
    publish(world, after, bytes_of("good"));
    REQUIRE(comes_true([&] { return world.effects() == Strings{"evt_7", "evt_7"}; }));
    REQUIRE(comes_true([&] { return count(world, "consumer.inbox") == 3; }));
    REQUIRE(work(world).size() == 1);
    CHECK_THAT(work(world).front(), Catch::StartsWith("dead 1: ") && Catch::Contains("PaymentEvent"));
    postgres::Connection connection = open(world.settings());
    const auto kept = connection.execute(
        "select message_id, value, topic from consumer.work w where exists "
        "(select from jsonb_array_elements(headers) h where h ->> 0 = 'ce_type' and h ->> 1 = "
        "'tollgate.payment.money_in')");
    CHECK(kept.only().get<Uuid>(0) == unreadable.id);
    CHECK(kept.only().get<std::string>(1) == bytes_of(kind));
    CHECK(kept.only().get<std::string>(2) == "payment");
    CHECK(count(world, "journal.entry where topic like '%.dlq'") == 1);
}
