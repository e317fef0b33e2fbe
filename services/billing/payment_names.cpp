#include "billing/payment_names.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>

namespace tollgate::billing {

namespace {

using ToldFacts = std::span<const Told<PaymentFact>>;
using Name = std::pair<Realm, std::string>;

struct Holder {
    Uuid payment;
    bool is_new = false;  // made by this batch
};
using Holders = std::map<Name, Holder>;

struct Columns {
    std::vector<Uuid> tenants;
    std::vector<std::string> providers;
    std::vector<bool> are_tests;
    std::vector<std::string> realms;
    std::vector<std::string> names;
    std::vector<Uuid> payments;
};

// In the order of the names, in which all members take them.
Columns columns_of(const Holders& holders) {
    Columns columns;
    for (const auto& [name, holder] : holders) {
        columns.tenants.push_back(name.first.tenant);
        columns.providers.push_back(name.first.provider);
        columns.are_tests.push_back(name.first.is_test);
        columns.realms.push_back(name.first.within);
        columns.names.push_back(name.second);
        columns.payments.push_back(holder.payment);
    }
    return columns;
}

Holders wanted_names(ToldFacts told) {
    Holders holders;
    for (const auto& [realm, fact] : told) {
        for (const std::string& name : fact.names) holders.try_emplace({realm, name}, Holder{fact.event});
    }
    return holders;
}

void hold_names(postgres::Transaction& tx, Holders& holders) {
    const Columns columns = columns_of(holders);
    const auto name_of = [](const postgres::Row& row) {
        return Name{{row.get<Uuid>(0), row.get<std::string>(1), row.get<bool>(2), row.get<std::string>(3)},
                    row.get<std::string>(4)};
    };
    const auto made = tx.execute(
        "insert into billing.payment_name (tenant, provider, is_test, realm, name, payment) "
        "select * from unnest($1, $2, $3, $4, $5, $6) on conflict do nothing "
        "returning tenant, provider, is_test, realm, name",
        columns.tenants, columns.providers, columns.are_tests, columns.realms, columns.names,
        columns.payments);
    for (const postgres::Row row : made) holders.at(name_of(row)).is_new = true;
    const auto held = tx.execute(
        "select n.tenant, n.provider, n.is_test, n.realm, n.name, n.payment from unnest($1, $2, $3, $4, $5) "
        "with ordinality w(tenant, provider, is_test, realm, name, place) "
        "join billing.payment_name n using (tenant, provider, is_test, realm, name) "
        "order by w.place for update of n",
        columns.tenants, columns.providers, columns.are_tests, columns.realms, columns.names);
    for (const postgres::Row row : held) holders.at(name_of(row)).payment = row.get<Uuid>(5);
}

// Payments that facts join: each leads to another or to itself.
class Joined {
public:
    void add(const PaymentKey& key, bool is_new) {
        const auto [at, added] = known_.try_emplace(key, Node{key.second, is_new});
        if (!added) at->second.is_new = at->second.is_new && is_new;
    }

    Uuid of(const PaymentKey& key) {
        Node& node = known_.at(key);
        if (node.leads_to != key.second) node.leads_to = of({key.first, node.leads_to});
        return node.leads_to;
    }

    // One that was there before stays; of two such, the older.
    void join(const Uuid& tenant, const Uuid& a, const Uuid& b) {
        const Uuid first = of({tenant, a});
        const Uuid second = of({tenant, b});
        if (first == second) return;
        const auto rank = [&](const Uuid& id) { return std::tuple{known_.at({tenant, id}).is_new, id}; };
        const auto [stays, goes] =
            std::minmax(first, second, [&](const Uuid& x, const Uuid& y) { return rank(x) < rank(y); });
        known_.at({tenant, goes}).leads_to = stays;
    }

    std::map<PaymentKey, Uuid> became() {
        std::map<PaymentKey, Uuid> others;
        for (const auto& [key, node] : known_) {
            const Uuid to = of(key);
            if (to != key.second) others[key] = to;
        }
        return others;
    }

private:
    struct Node {
        Uuid leads_to;
        bool is_new = false;
    };
    std::map<PaymentKey, Node> known_;
};

void move_names(postgres::Transaction& tx, const std::map<PaymentKey, Uuid>& became) {
    if (became.empty()) return;
    std::vector<Uuid> tenants;
    std::vector<Uuid> from;
    std::vector<Uuid> to;
    for (const auto& [key, other] : became) {
        tenants.push_back(key.first);
        from.push_back(key.second);
        to.push_back(other);
    }
    for (const char* const table : {"payment_name", "payment_fact"}) {
        tx.execute(fmt::format("update billing.{} n set payment = m.goes_to "
                               "from unnest($1, $2, $3) m(tenant, payment, goes_to) "
                               "where n.tenant = m.tenant and n.payment = m.payment",
                               table),
                   tenants, from, to);
    }
}

}  // namespace

NamedPayments name_payments(postgres::Transaction& tx, ToldFacts told) {
    Holders holders = wanted_names(told);
    hold_names(tx, holders);
    Joined joined;
    for (const auto& [name, holder] : holders) joined.add({name.first.tenant, holder.payment}, holder.is_new);
    const auto first_payment = [&](const Told<PaymentFact>& each) {
        return holders.at({each.realm, each.fact.names.front()}).payment;
    };
    for (const auto& each : told) {
        for (const std::string& name : each.fact.names)
            joined.join(each.realm.tenant, first_payment(each), holders.at({each.realm, name}).payment);
    }
    NamedPayments named;
    for (const auto& each : told)
        named.payment_of.push_back(joined.of({each.realm.tenant, first_payment(each)}));
    named.became = joined.became();
    move_names(tx, named.became);
    return named;
}

}  // namespace tollgate::billing
