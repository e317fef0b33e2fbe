#include "enrichment/kept_facts.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::column;

constexpr char between_names = '\x1f';

// By laterals, so that each customer and each payment is one look into an index whatever the planner expects,
// and each fact has with it for whom it is, so that nothing is joined.
constexpr std::string_view select_facts =
    "with own as materialized ("
    "  select a.place, a.tenant, a.provider, a.realm, a.is_test, a.until, f.* "
    "    from unnest($1, $2, $3, $4, $5, $6) with ordinality "
    "      a(tenant, provider, realm, customer, is_test, until, place) cross join lateral ("
    "    select f.kind, f.object, f.payment, f.shop_order, f.names, f.at, f.version, f.amount_minor, "
    "        f.currency, f.refunded_minor, f.released_minor from enrichment.fact f "
    "      where f.tenant = a.tenant and f.provider = a.provider and f.realm = a.realm "
    "        and f.customer = a.customer and f.is_test = a.is_test and f.at <= a.until "
    "      order by f.at desc limit $7) f"
    ") select o.place, o.kind, o.object, o.payment, o.shop_order, o.names, o.at, o.version, o.amount_minor, "
    "    o.currency, o.refunded_minor, o.released_minor, true as own from own o "
    "union all select p.place, f.*, false "
    "  from (select distinct place, tenant, provider, realm, is_test, until, payment from own "
    "      where payment is not null) p cross join lateral ("
    "    select f.kind, f.object, f.payment, f.shop_order, f.names, f.at, f.version, f.amount_minor, "
    "        f.currency, f.refunded_minor, f.released_minor from enrichment.fact f "
    "      where f.tenant = p.tenant and f.provider = p.provider and f.payment = p.payment "
    "        and f.realm = p.realm and f.is_test = p.is_test and f.customer is null and f.at <= p.until "
    "      order by f.at desc limit $8) f";

constexpr std::int64_t nobodys_of_one_payment = 200;

std::vector<std::string> names_of(std::string_view text, const std::string& payment) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(between_names), text.size());
        names.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    // As an earlier build kept it.
    if (names.empty() && !payment.empty()) names.push_back("payment/" + payment);
    return names;
}

CustomerFact fact_in(const postgres::Row& row) {
    CustomerFact fact{.kind = fact_kind(row.get<std::string_view>(1)),
                      .object = row.get<std::string>(2),
                      .payment = row.get<std::optional<std::string>>(3).value_or(""),
                      .order = row.get<std::optional<std::string>>(4).value_or(""),
                      .at = row.get<Timestamp>(6),
                      .version = static_cast<std::uint64_t>(row.get<std::int64_t>(7)),
                      .refunded = row.get<std::optional<std::int64_t>>(10),
                      .released = row.get<std::optional<std::int64_t>>(11)};
    fact.names = names_of(row.get<std::string_view>(5), fact.payment);
    if (!row.is_null(8))
        fact.amount = archive::Amount{.minor = row.get<std::int64_t>(8), .currency = row.get<std::string>(9)};
    return fact;
}

struct Asked {
    std::span<const CustomerKey> customers;
    std::span<const Timestamp> untils;
};

// How many of each were its own.
std::vector<std::int64_t> read(postgres::Transaction& tx, const Asked& asked, std::int64_t most,
                               std::span<KeptFacts> into) {
    std::vector<std::int64_t> counts(asked.customers.size());
    const auto& keys = asked.customers;
    const auto rows =
        tx.execute(select_facts, column(keys, [](const CustomerKey& key) { return key.tenant; }),
                   column(keys, [](const CustomerKey& key) -> std::string_view { return key.provider; }),
                   column(keys, [](const CustomerKey& key) -> std::string_view { return key.realm; }),
                   column(keys, [](const CustomerKey& key) -> std::string_view { return key.customer; }),
                   column(keys, [](const CustomerKey& key) { return key.is_test; }), asked.untils, most,
                   nobodys_of_one_payment);
    for (KeptFacts& kept : into) kept = {};
    for (const postgres::Row row : rows) {
        const auto place = static_cast<std::size_t>(row.get<std::int64_t>(0) - 1);
        into[place].facts.push_back(fact_in(row));
        counts[place] += row.get<bool>(12) ? 1 : 0;
    }
    for (std::size_t i = 0; i < counts.size(); ++i) into[i].are_all = counts[i] < most;
    return counts;
}

}  // namespace

std::vector<KeptFacts> read_facts(postgres::Transaction& tx, std::span<const CustomerKey> customers,
                                  std::span<const Timestamp> untils, const FactLimits& limits) {
    std::vector<KeptFacts> all(customers.size());
    if (customers.empty()) return all;
    read(tx, {customers, untils}, limits.of_each, all);
    // The few that have more.
    std::int64_t left = limits.of_all;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::int64_t most = std::min(left, limits.of_one);
        if (all[i].are_all || most <= limits.of_each) continue;
        left -= read(tx, {customers.subspan(i, 1), untils.subspan(i, 1)}, most, {&all[i], 1}).front();
    }
    return all;
}

std::string names_in_one(std::span<const std::string> names) {
    return fmt::format("{}", fmt::join(names, std::string_view{&between_names, 1}));
}

}  // namespace tollgate::enrichment
