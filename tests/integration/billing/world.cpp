#include "world.hpp"

#include <array>
#include <stdexcept>

#include "archive/schema.hpp"
#include "billing/schema.hpp"
#include "consumer/schema.hpp"
#include "journal/schema.hpp"
#include "postgres/transaction.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using consumer::Message;
using consumer::Task;

namespace {

postgres::Schemas billing_schemas() {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &tenants::schema(),
                                    &journal::schema(),  &consumer::schema(), &billing::schema()};
    return schemas;
}

std::string text_of(const consumer::Outcome& outcome) {
    if (std::holds_alternative<consumer::Done>(outcome)) return "done";
    const auto* const reject = std::get_if<consumer::Reject>(&outcome);
    return reject == nullptr ? "neither done nor rejected" : reject->reason;
}

std::vector<std::string> hand_over(postgres::Transaction& tx, const std::vector<Message>& messages) {
    std::vector<Task> tasks;
    for (const Message& message : messages) tasks.push_back({.message = &message, .id = *message.id});
    billing::BillingHandler handler;
    std::vector<std::string> texts;
    for (const auto& outcome : handler.apply(tx, tasks)) texts.push_back(text_of(outcome));
    return texts;
}

std::vector<std::string> hand_over(postgres::Connection& connection, const std::vector<Message>& messages) {
    std::vector<std::string> texts;
    const auto done =
        transact(connection, [&](postgres::Transaction& tx) { texts = hand_over(tx, messages); });
    if (!done) throw std::runtime_error{done.error().detail};
    return texts;
}

std::vector<Message> messages_of(const std::vector<Sent>& batch) {
    std::vector<Message> messages;
    for (const Sent& sent : batch) {
        const auto value = events::encode(sent.event);
        if (!value) throw std::runtime_error{value.error().detail};
        messages.push_back({.topic = "payment", .value = *value, .id = sent.id, .tenant = sent.tenant});
    }
    return messages;
}

}  // namespace

BillingWorld::BillingWorld()
    : database_{billing_schemas()}, connection_{open(database_.service("billing"))} {}

std::vector<std::string> feed_billing(postgres::Connection& connection, const std::vector<Sent>& batch) {
    return hand_over(connection, messages_of(batch));
}

std::vector<std::string> feed_billing(postgres::Transaction& tx, const std::vector<Sent>& batch) {
    return hand_over(tx, messages_of(batch));
}

std::vector<std::string> BillingWorld::feed(const std::vector<Sent>& batch) {
    return feed_billing(connection_, batch);
}

std::vector<std::string> BillingWorld::feed_bytes(const Uuid& tenant, const std::string& value) {
    return hand_over(connection_,
                     {{.topic = "payment", .value = value, .id = make_uuid_v7(), .tenant = tenant}});
}

std::vector<std::string> BillingWorld::rows(const std::string& sql) {
    postgres::Connection owner = open(database_.owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    std::vector<std::string> texts;
    for (const postgres::Row row : owner.execute(sql)) texts.push_back(row.get<std::string>(0));
    return texts;
}

}  // namespace tollgate::test
