#include "billing/handler.hpp"

#include "archive/payment_reading.hpp"
#include "billing/payment_book.hpp"
#include "billing/subscription_book.hpp"
#include "events/payment_event.hpp"
#include "providers/realm.hpp"

namespace tollgate::billing {

namespace {

using consumer::Outcome;
using consumer::Reject;
using consumer::Task;

struct AllTold {
    std::vector<Uuid> tenants;
    std::vector<Uuid> events;
    std::vector<ToldPayment> payments;
    std::vector<Told<SubscriptionFact>> subscriptions;
    std::vector<Told<InvoiceFact>> invoices;
};

void tell(const events::PaymentEvent& event, const Task& task, AllTold& all) {
    const Realm realm{.tenant = task.message->tenant.value(),
                      .provider = archive::indexed(event.provider()),
                      .is_test = event.mode() == v1::MODE_TEST,
                      .within = archive::indexed(providers::realm_of(event))};
    const Timestamp received = time_of(task.id);
    all.tenants.push_back(realm.tenant);
    all.events.push_back(task.id);
    if (auto fact = payment_fact(event, task.id, received)) all.payments.push_back({realm, std::move(*fact)});
    if (auto fact = subscription_fact(event, task.id, received))
        all.subscriptions.push_back({realm, std::move(*fact)});
    if (auto fact = invoice_fact(event, task.id, received)) all.invoices.push_back({realm, std::move(*fact)});
}

}  // namespace

std::vector<Outcome> BillingHandler::apply(postgres::Transaction& tx, std::span<const Task> batch) {
    std::vector<Outcome> outcomes(batch.size(), consumer::Done{});
    AllTold all;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto event = events::decode_payment_event(batch[i].message->value.value_or(""));
        if (event) {
            tell(*event, batch[i], all);
        } else {
            outcomes[i] = Reject{event.error().detail};
        }
    }
    if (all.events.empty()) return outcomes;
    book(tx, all.tenants, all.events, all.payments);
    keep_subscriptions(tx, all.tenants, all.events, all.subscriptions);
    keep_invoices(tx, all.tenants, all.events, all.invoices);
    return outcomes;
}

}  // namespace tollgate::billing
