#include "customer_shop.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "enrichment/profile.hpp"
#include "integration/billing/world.hpp"

namespace tollgate::test {

using enrichment::FactKind;
using enrichment::ToldFact;
using events::PaymentEvent;
using postgres::Transaction;

namespace {

postgres::Connection owner_of(const Shell& shell) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner;
}

}  // namespace

CustomerShop::CustomerShop() : tenant_{make_tenant(shell_, "acme")} {
    pay(of_ada, "pi_1", 9900);
    pay("cus_bob", "pi_2", 500);
}

Ran CustomerShop::customer(const std::string& verb, const std::vector<std::string>& more,
                           const std::string& id) const {
    std::vector<std::string> words{"customer", verb, id, "--tenant", "acme"};
    words.insert(words.end(), more.begin(), more.end());
    return shell_.run(words);
}

Ran CustomerShop::erase(const std::vector<std::string>& more, const std::string& id) const {
    std::vector<std::string> words{"--execute", "--reason", "request 71", "--json"};
    if (std::ranges::find(more, "--provider") == more.end())
        words.insert(words.end(), {"--provider", "stripe"});
    words.insert(words.end(), more.begin(), more.end());
    return customer("erase", words, id);
}

Uuid CustomerShop::not_done(const std::string& state, const std::string& type,
                            const std::string& object) const {
    const std::string body = fmt::format(
        R"({{"id": "evt_1", "object": "event", "type": "{}", "created": 1794000000, "livemode": true, "data": {{"object": {}}}}})",
        type, object);
    const Uuid id = make_event(shell_, tenant_, type, body);
    make_letter(shell_, {.tenant = tenant_,
                         .consumer = "enrichment",
                         .reason = "it names " + of_ada,
                         .state = state == "retrying" ? "dead" : state,
                         .type = "stripe." + type,
                         .body = body,
                         .id = id});
    if (state == "retrying") {
        owner_of(shell_).execute(
            "update consumer.work set state = 'retrying', due_at = now() where message_id = $1", id);
    }
    return id;
}

Uuid CustomerShop::not_booked(const PaymentEvent& event) const {
    const Uuid id = make_letter(shell_, {.tenant = tenant_, .body = *events::encode(event)});
    owner_of(shell_).execute("update consumer.work set topic = 'payment' where message_id = $1", id);
    return id;
}

Uuid CustomerShop::told(const PaymentEvent& event) const {
    const Uuid id = make_uuid_v7();
    postgres::Connection owner = owner_of(shell_);
    owner.execute(
        "insert into delivery.event (tenant, event_id, fact, at, value) values ($1, $2, $2, now(), $3)",
        tenant_, id, postgres::Bytes{*events::encode(event)});
    owner.execute(
        "insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, "
        "story_kind, story_id, state, due_at, settled_at, headline) values ($1, $2, $3, 'message', $2::text, "
        "'a rule', 'payment', 1, 'payment', 'pi_1', 'delivered', null, now(), 'Ada paid')",
        tenant_, id, tenant_);
    owner.execute(
        "insert into delivery.delivery_event (tenant, destination, event_id, delivery, fact) "
        "values ($1, $2, $3, $3, $3)",
        tenant_, tenant_, id);
    owner.execute(
        "insert into delivery.story (tenant, destination, kind, id, told, last_at, began, priority, version) "
        "values ($1, $2, 'payment', 'pi_1', 1, now(), 'Ada paid', 1, 0) on conflict do nothing",
        tenant_, tenant_);
    return id;
}

std::string CustomerShop::state_of(const Uuid& message) const {
    return owner_of(shell_)
        .execute(
            "select case when value is null then state else state || ', with bytes' end "
            "from consumer.work where message_id = $1",
            message)
        .only()
        .get<std::string>(0);
}

void CustomerShop::change(const std::string& sql) const {
    owner_of(shell_).execute(sql);
}

void CustomerShop::pay(const std::string& customer, const std::string& payment, std::int64_t minor) {
    const ToldFact told{.event = make_uuid_v7(),
                        .tenant = tenant_,
                        .provider = "stripe",
                        .fact = {.kind = FactKind::payment,
                                 .object = payment,
                                 .payment = payment,
                                 .customer = customer,
                                 .amount = archive::Amount{.minor = minor, .currency = "USD"}},
                        .currency = "USD"};
    postgres::Connection enrichment = open(shell_.database().service("enrichment"));
    const auto kept = transact(enrichment, [&](Transaction& tx) { enrichment::keep_facts(tx, {&told, 1}); });
    if (!kept) throw std::runtime_error{kept.error().text()};
    PaymentEvent event;
    event.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    event.set_provider("stripe");
    event.mutable_provider_time()->set_seconds(1'794'000'000);
    event.mutable_customer()->set_id(customer);
    event.mutable_references()->set_payment_id(payment);
    event.mutable_amount()->set_minor(minor);
    event.mutable_amount()->set_currency("USD");
    postgres::Connection billing = open(shell_.database().service("billing"));
    feed_billing(billing, {{tenant_, event}});
}

std::string charge_of(const std::string& fields) {
    return R"({"id": "ch_9", "object": "charge", "amount": 100, "currency": "usd", )" + fields + "}";
}

PaymentEvent payment_of(const std::string& customer, const std::string& provider) {
    PaymentEvent event;
    event.set_provider(provider);
    event.set_source("shop");
    event.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    event.mutable_customer()->set_id(customer);
    event.mutable_customer()->set_name("Ada Okafor");
    event.mutable_amount()->set_minor(100);
    event.mutable_amount()->set_currency("USD");
    return event;
}

}  // namespace tollgate::test
