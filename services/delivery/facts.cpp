#include "delivery/facts.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "events/one_occurrence.hpp"
#include "postgres/columns.hpp"

namespace tollgate::delivery {

namespace {

using postgres::column;
using postgres::Row;
using postgres::Transaction;

using Name = std::tuple<Uuid, std::string, bool, std::string>;

struct Occurrence {
    std::int32_t number = 0;
    Uuid fact;
    std::optional<std::int32_t> attempt;
    Timestamp at;
    std::int32_t told_by = 0;  // see Half
};
using Occurrences = std::map<Name, std::vector<Occurrence>>;

struct Columns {
    std::vector<Uuid> tenants;
    std::vector<std::string> providers;
    std::vector<bool> are_tests;
    std::vector<std::string> names;

    void add(const Name& name) {
        tenants.push_back(std::get<0>(name));
        providers.push_back(std::get<1>(name));
        are_tests.push_back(std::get<2>(name));
        names.push_back(std::get<3>(name));
    }
};

Name name_in(const FactTold& told, const std::string& name) {
    return {told.tenant, told.provider, told.is_test, name};
}

// The first occurrence of each name is there, and locked: who would add another waits for us. In the order of
// the names, in which all members take them.
Occurrences lock(Transaction& tx, std::span<const FactTold> told) {
    std::map<Name, const FactTold*> first;
    for (const FactTold& each : told) {
        for (const std::string& name : each.fact.names) first.try_emplace(name_in(each, name), &each);
        if (each.fact.half) first.try_emplace(name_in(each, each.fact.half->name), &each);
    }
    Columns keys;
    for (const auto& [name, teller] : first) keys.add(name);
    tx.execute(
        "insert into delivery.fact_name (tenant, provider, is_test, name, occurrence, fact, attempt, at) "
        "select t, p, i, n, 0, f, a, at from unnest($1, $2, $3, $4, $5, $6, $7) as w(t, p, i, n, f, a, at) "
        "on conflict do nothing",
        keys.tenants, keys.providers, keys.are_tests, keys.names,
        column(first, [](const auto& each) { return each.second->event; }),
        column(first, [](const auto& each) { return each.second->fact.attempt; }),
        column(first, [](const auto& each) { return each.second->fact.at; }));
    tx.execute(
        "select 1 from unnest($1, $2, $3, $4) with ordinality w(tenant, provider, is_test, name, place) "
        "join delivery.fact_name n using (tenant, provider, is_test, name) where n.occurrence = 0 "
        "order by w.place for update of n",
        keys.tenants, keys.providers, keys.are_tests, keys.names);
    // With a snapshot of its own: it sees what those have added that we waited for.
    const auto rows = tx.execute(
        "select n.tenant, n.provider, n.is_test, n.name, n.occurrence, n.fact, n.attempt, n.at, n.told_by "
        "from unnest($1, $2, $3, $4) w(tenant, provider, is_test, name) "
        "join delivery.fact_name n using (tenant, provider, is_test, name) order by n.occurrence",
        keys.tenants, keys.providers, keys.are_tests, keys.names);
    Occurrences known;
    for (const Row row : rows) {
        known[{row.get<Uuid>(0), row.get<std::string>(1), row.get<bool>(2), row.get<std::string>(3)}]
            .push_back({.number = row.get<std::int32_t>(4),
                        .fact = row.get<Uuid>(5),
                        .attempt = row.get<std::optional<std::int32_t>>(6),
                        .at = row.get<Timestamp>(7),
                        .told_by = row.get<std::int32_t>(8)});
    }
    return known;
}

bool is_same(const NamedFact& fact, const Occurrence& other) {
    if (!fact.may_recur) return true;
    if (fact.attempt && other.attempt) return *fact.attempt == *other.attempt;
    return std::chrono::abs(fact.at - other.at) <= events::one_occurrence;
}

class Keeper {
public:
    Keeper(Transaction& tx, Occurrences known) : tx_{tx}, known_{std::move(known)} {}

    Uuid fact_of(const FactTold& told) {
        std::vector<Uuid> facts;
        for (const std::string& name : told.fact.names) {
            const auto& occurrences = known_[name_in(told, name)];
            const auto found = std::ranges::find_if(
                occurrences, [&](const Occurrence& each) { return is_same(told.fact, each); });
            if (found != occurrences.end()) facts.push_back(found->fact);
        }
        const Occurrence* const half = half_for(told, facts);
        if (half != nullptr) facts.push_back(half->fact);
        const Uuid fact = facts.empty() ? told.event : std::ranges::min(facts);
        for (const Uuid& other : facts) {
            if (other != fact) merge(told.tenant, other, fact);
        }
        for (const std::string& name : told.fact.names) remember(told, name, fact);
        if (told.fact.half) remember_half(told, fact);
        return fact;
    }

    // What a fact has become, by events that came after it.
    Uuid now(Uuid fact) const {
        for (auto at = became_.find(fact); at != became_.end(); at = became_.find(fact)) fact = at->second;
        return fact;
    }

private:
    // Of its own fact, else the first that was not told by such an event yet.
    const Occurrence* half_for(const FactTold& told, const std::vector<Uuid>& facts) {
        if (!told.fact.half) return nullptr;
        const auto& occurrences = known_[name_in(told, told.fact.half->name)];
        const auto own = std::ranges::find_if(occurrences, [&](const Occurrence& each) {
            return std::ranges::find(facts, each.fact) != facts.end();
        });
        if (own != occurrences.end()) return &*own;
        const auto other = std::ranges::find_if(occurrences, [&](const Occurrence& each) {
            return (each.told_by & std::to_underlying(told.fact.half->teller)) == 0;
        });
        return other == occurrences.end() ? nullptr : &*other;
    }

    void remember_half(const FactTold& told, const Uuid& fact) {
        auto& occurrences = known_[name_in(told, told.fact.half->name)];
        auto found = std::ranges::find(occurrences, fact, &Occurrence::fact);
        if (found == occurrences.end()) {
            occurrences.push_back({.number = static_cast<std::int32_t>(occurrences.size()),
                                   .fact = fact,
                                   .attempt = {},
                                   .at = told.fact.at});
            found = std::prev(occurrences.end());
        }
        found->told_by |= std::to_underlying(told.fact.half->teller);
        tx_.execute(
            "insert into delivery.fact_name (tenant, provider, is_test, name, occurrence, fact, at, told_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant, provider, is_test, name, "
            "occurrence) do update set told_by = excluded.told_by",
            told.tenant, told.provider, told.is_test, told.fact.half->name, found->number, fact, told.fact.at,
            found->told_by);
    }

    // The older one stays: it may be what has been told.
    void merge(const Uuid& tenant, const Uuid& goes, const Uuid& stays) {
        tx_.execute("select delivery.merge_facts($1, $2, $3)", tenant, goes, stays);
        became_[goes] = stays;
        for (auto& [name, occurrences] : known_) {
            if (std::get<0>(name) != tenant) continue;
            for (Occurrence& each : occurrences) {
                if (each.fact == goes) each.fact = stays;
            }
        }
    }

    void remember(const FactTold& told, const std::string& name, const Uuid& fact) {
        auto& occurrences = known_[name_in(told, name)];
        const auto found = std::ranges::find_if(
            occurrences, [&](const Occurrence& each) { return is_same(told.fact, each); });
        if (found != occurrences.end()) {
            if (found->attempt || !told.fact.attempt) return;
            found->attempt = told.fact.attempt;
        }
        const Occurrence wanted = found != occurrences.end()
                                      ? *found
                                      : Occurrence{.number = static_cast<std::int32_t>(occurrences.size()),
                                                   .fact = fact,
                                                   .attempt = told.fact.attempt,
                                                   .at = told.fact.at};
        tx_.execute(
            "insert into delivery.fact_name (tenant, provider, is_test, name, occurrence, fact, attempt, at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant, provider, is_test, name, "
            "occurrence) "
            "do update set attempt = excluded.attempt",
            told.tenant, told.provider, told.is_test, name, wanted.number, wanted.fact, wanted.attempt,
            wanted.at);
        if (found == occurrences.end()) occurrences.push_back(wanted);
    }

    Transaction& tx_;
    Occurrences known_;
    std::map<Uuid, Uuid> became_;
};

}  // namespace

std::vector<Uuid> hold_facts(Transaction& tx, std::span<const FactTold> told) {
    Keeper keeper{tx, lock(tx, told)};
    std::vector<Uuid> facts;
    for (const FactTold& each : told) facts.push_back(keeper.fact_of(each));
    for (Uuid& fact : facts) fact = keeper.now(fact);
    return facts;
}

}  // namespace tollgate::delivery
