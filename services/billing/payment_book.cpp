#include "billing/payment_book.hpp"

#include <utility>

#include "billing/ledger.hpp"
#include "billing/payment.hpp"
#include "billing/payment_names.hpp"
#include "billing/payment_rows.hpp"

namespace tollgate::billing {

namespace {

// Payments that a batch changes, each with the event that does, and the realms of those that may be new.
struct Changed {
    std::map<PaymentKey, Uuid> by;
    std::map<PaymentKey, Realm> realms;

    std::vector<PaymentKey> keys() const {
        std::vector<PaymentKey> all;
        all.reserve(by.size());
        for (const auto& [key, event] : by) all.push_back(key);
        return all;
    }
};

Changed changed_by(std::span<const ToldPayment> told, const NamedPayments& named,
                   const std::map<PaymentKey, Uuid>& forgotten) {
    Changed changed;
    for (const auto& [key, event] : forgotten) {
        const auto other = named.became.find(key);
        changed.by[other == named.became.end() ? key : PaymentKey{key.first, other->second}] = event;
        changed.by[key] = event;
    }
    for (std::size_t i = 0; i < told.size(); ++i) {
        const PaymentKey key{told[i].realm.tenant, named.payment_of[i]};
        changed.by[key] = told[i].fact.event;
        changed.realms[key] = told[i].realm;
    }
    for (const auto& [key, other] : named.became) changed.by[key] = changed.by[{key.first, other}];
    return changed;
}

}  // namespace

void book(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
          std::span<const ToldPayment> told) {
    const auto forgotten = forget_facts(tx, tenants, again);
    const NamedPayments named = told.empty() ? NamedPayments{} : name_payments(tx, told);
    const Changed changed = changed_by(told, named, forgotten);
    if (changed.by.empty()) return;
    const auto realms = lock_payments(tx, changed.realms, changed.keys());
    if (!told.empty()) keep_facts(tx, told, named.payment_of);
    const auto facts = read_facts(tx, changed.keys());
    const auto booked = read_booked(tx, changed.keys());

    std::map<PaymentKey, Payment> payments;
    std::vector<PaymentKey> gone;
    std::vector<NewEntries> entries;
    for (const auto& [key, event] : changed.by) {
        const auto known = facts.find(key);
        Bookings wanted;
        if (known == facts.end()) {
            // It turned out to be another's, or what told of it tells something else now.
            gone.push_back(key);
        } else {
            Payment payment = payment_of(known->second);
            wanted = bookings_of(payment);
            payments[key] = std::move(payment);
        }
        const auto stands = booked.find(key);
        auto added = difference(wanted, stands == booked.end() ? BookedAll{} : stands->second);
        const auto realm = realms.find(key);
        if (!added.empty() && realm != realms.end())
            entries.push_back(
                {.realm = realm->second, .payment = key.second, .event = event, .entries = std::move(added)});
    }
    append(tx, entries);
    write_payments(tx, payments);
    remove_payments(tx, gone);
}

}  // namespace tollgate::billing
