#include "billing/payment_book.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "billing/ledger.hpp"
#include "billing/lone_payments.hpp"
#include "billing/payment.hpp"
#include "billing/payment_names.hpp"
#include "billing/payment_rows.hpp"

namespace tollgate::billing {

namespace {

using ToldPayments = std::span<const ToldPayment>;

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

Changed changed_by(ToldPayments told, const NamedPayments& named,
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

// Before the payments themselves, so that two members take both in one order.
void hold_all_payers(postgres::Transaction& tx, ToldPayments told, std::span<const LonePayment> lone_before) {
    std::set<Payer> payers;
    for (const auto& [realm, fact] : told) {
        if (fact.kind < FactKind::authorised && !fact.customer.empty())
            payers.insert({.realm = realm, .customer = fact.customer});
    }
    for (const LonePayment& each : lone_before) payers.insert(each.payer);
    hold_payers(tx, payers);
}

using Payments = std::map<PaymentKey, Payment>;

Payments reckon(postgres::Transaction& tx, const std::vector<PaymentKey>& keys) {
    Payments payments;
    for (const auto& [key, facts] : read_facts(tx, keys)) payments[key] = payment_of(facts);
    return payments;
}

// What pairing up tells: the invoices that are taken for payments, and of those that are not of this batch
// the ones that stand otherwise, each with the event that makes it so.
struct Pairing {
    std::map<PaymentKey, Uuid> pairs;
    std::map<PaymentKey, Uuid> anew;
};

Pairing pair_lone(postgres::Transaction& tx, const Changed& changed,
                  const std::map<PaymentKey, Realm>& realms, std::span<const LonePayment> lone_before,
                  const Payments& payments) {
    std::vector<LonePayment> all;
    for (const auto& [key, payment] : payments) {
        if (auto lone = lone_payment(key, realms.at(key), payment)) all.push_back(std::move(*lone));
    }
    const std::size_t now = all.size();
    all.insert(all.end(), lone_before.begin(), lone_before.end());
    std::map<Payer, Uuid> events;
    std::set<Payer> payers;
    for (const LonePayment& each : all) {
        events[each.payer] = changed.by.at(each.key);
        payers.insert(each.payer);
    }
    hold_payers(tx, payers);
    auto near = read_lone_near(tx, all, Lone::invoice);
    // Where nobody is sent invoices, a payer of thousands of payments costs nothing.
    if (near.empty() && std::ranges::find(all, Lone::invoice, &LonePayment::side) == all.end()) return {};
    const auto payments_near = read_lone_near(tx, all, Lone::payment);
    near.insert(near.end(), payments_near.begin(), payments_near.end());
    std::erase_if(near, [&](const LonePayment& each) { return changed.by.contains(each.key); });
    all.resize(now);
    all.insert(all.end(), near.begin(), near.end());
    Pairing pairing{.pairs = pair_up(std::move(all)), .anew = {}};
    for (const LonePayment& each : near) {
        const auto pair = pairing.pairs.find(each.key);
        const auto other = pair == pairing.pairs.end() ? std::nullopt : std::optional{pair->second};
        if (each.side == Lone::invoice && other != each.taken_for)
            pairing.anew[each.key] = events.at(each.payer);
    }
    return pairing;
}

void take_pairs(const std::map<PaymentKey, Uuid>& pairs, Payments& payments) {
    for (auto& [key, payment] : payments) {
        const auto pair = pairs.find(key);
        if (pair != pairs.end() && payment.lone == Lone::invoice) take_for(payment, pair->second);
    }
}

void write(postgres::Transaction& tx, const std::map<PaymentKey, Uuid>& events,
           const std::map<PaymentKey, Realm>& realms, const Payments& payments) {
    std::vector<PaymentKey> keys;
    keys.reserve(events.size());
    for (const auto& [key, event] : events) keys.push_back(key);
    const auto booked = read_booked(tx, keys);
    std::vector<PaymentKey> gone;
    std::vector<NewEntries> entries;
    for (const auto& [key, event] : events) {
        const auto known = payments.find(key);
        // It turned out to be another's, or what told of it tells something else now.
        if (known == payments.end()) gone.push_back(key);
        const auto stands = booked.find(key);
        auto added = difference(known == payments.end() ? Bookings{} : bookings_of(known->second),
                                stands == booked.end() ? BookedAll{} : stands->second);
        const auto realm = realms.find(key);
        if (!added.empty() && realm != realms.end())
            entries.push_back(
                {.realm = realm->second, .payment = key.second, .event = event, .entries = std::move(added)});
    }
    append(tx, entries);
    write_payments(tx, payments);
    remove_payments(tx, gone);
}

}  // namespace

void book(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
          ToldPayments told) {
    const auto forgotten = forget_facts(tx, tenants, again);
    const NamedPayments named = told.empty() ? NamedPayments{} : name_payments(tx, told);
    Changed changed = changed_by(told, named, forgotten);
    if (changed.by.empty()) return;
    const auto lone_before = read_lone(tx, changed.keys());
    hold_all_payers(tx, told, lone_before);
    auto realms = lock_payments(tx, changed.realms, changed.keys());
    if (!told.empty()) keep_facts(tx, told, named.payment_of);
    Payments payments = reckon(tx, changed.keys());
    const Pairing pairing = pair_lone(tx, changed, realms, lone_before, payments);
    if (!pairing.anew.empty()) {
        const std::vector<PaymentKey> keys = Changed{.by = pairing.anew, .realms = {}}.keys();
        realms.merge(lock_payments(tx, {}, keys));
        payments.merge(reckon(tx, keys));
        changed.by.insert(pairing.anew.begin(), pairing.anew.end());
    }
    take_pairs(pairing.pairs, payments);
    write(tx, changed.by, realms, payments);
}

}  // namespace tollgate::billing
