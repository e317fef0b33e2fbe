#include "billing/lone_payments.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "events/one_occurrence.hpp"
#include "postgres/columns.hpp"

namespace tollgate::billing {

namespace {

using postgres::column;
using postgres::Row;

// Pairs may follow from each other: beyond this nothing is looked at.
constexpr std::chrono::hours near{1};

constexpr std::string_view columns =
    "p.tenant, p.id, p.provider, p.is_test, p.realm, p.customer, p.lone, p.paid_at, p.amount_minor, "
    "p.currency, p.taken_for from ";
constexpr std::string_view is_lone =
    "p.lone is not null and p.customer is not null and p.paid_at is not null and p.currency is not null";

std::vector<LonePayment> lone_in(const postgres::Rows& rows) {
    std::vector<LonePayment> all;
    for (const Row row : rows) {
        all.push_back(
            {.key = {row.get<Uuid>(0), row.get<Uuid>(1)},
             .payer = {.realm = {.tenant = row.get<Uuid>(0),
                                 .provider = row.get<std::string>(2),
                                 .is_test = row.get<bool>(3),
                                 .within = row.get<std::string>(4)},
                       .customer = row.get<std::string>(5)},
             .side = row.get<std::string_view>(6) == name(Lone::invoice) ? Lone::invoice : Lone::payment,
             .paid_at = row.get<Timestamp>(7),
             .minor = row.get<std::int64_t>(8),
             .currency = row.get<std::string>(9),
             .taken_for = row.get<std::optional<Uuid>>(10)});
    }
    return all;
}

}  // namespace

std::optional<LonePayment> lone_payment(const PaymentKey& key, const Realm& realm, const Payment& payment) {
    if (!payment.lone || !payment.paid_at || !payment.amount || payment.customer.empty()) return std::nullopt;
    return LonePayment{.key = key,
                       .payer = {.realm = realm, .customer = payment.customer},
                       .side = *payment.lone,
                       .paid_at = *payment.paid_at,
                       .minor = *payment.amount,
                       .currency = payment.currency,
                       .taken_for = payment.taken_for};
}

std::map<PaymentKey, Uuid> pair_up(std::vector<LonePayment> all) {
    const auto group = [](const LonePayment& each) {
        return std::tie(each.payer, each.currency, each.minor);
    };
    std::ranges::sort(all, [&](const LonePayment& a, const LonePayment& b) {
        return std::tuple{group(a), a.paid_at, a.key} < std::tuple{group(b), b.paid_at, b.key};
    });
    std::map<PaymentKey, Uuid> pairs;
    for (auto begin = all.begin(); begin != all.end();) {
        const auto end = std::find_if(begin, all.end(),
                                      [&](const LonePayment& each) { return group(each) != group(*begin); });
        // The earliest of each side first: what is too early for this one is so for all that follow.
        auto payment = begin;
        for (auto invoice = begin; invoice != end; ++invoice) {
            if (invoice->side != Lone::invoice) continue;
            payment = std::find_if(payment, end, [&](const LonePayment& each) {
                return each.side == Lone::payment &&
                       each.paid_at >= invoice->paid_at - events::one_occurrence;
            });
            if (payment == end) break;
            if (payment->paid_at > invoice->paid_at + events::one_occurrence) continue;
            pairs[invoice->key] = payment->key.second;
            ++payment;
        }
        begin = end;
    }
    return pairs;
}

void hold_payers(postgres::Transaction& tx, const std::set<Payer>& payers) {
    if (payers.empty()) return;
    const auto of = [&](auto what) { return column(payers, what); };
    const auto tenants = of([](const Payer& each) { return each.realm.tenant; });
    const auto providers = of([](const Payer& each) { return std::string_view{each.realm.provider}; });
    const auto tests = of([](const Payer& each) { return each.realm.is_test; });
    const auto realms = of([](const Payer& each) { return std::string_view{each.realm.within}; });
    const auto customers = of([](const Payer& each) { return std::string_view{each.customer}; });
    tx.execute(
        "insert into billing.payer (tenant, provider, is_test, realm, customer) "
        "select * from unnest($1, $2, $3, $4, $5) on conflict do nothing",
        tenants, providers, tests, realms, customers);
    tx.execute(
        "select from unnest($1, $2, $3, $4, $5) with ordinality w(tenant, provider, is_test, realm, "
        "customer, place) join billing.payer p using (tenant, provider, is_test, realm, customer) "
        "order by w.place for update of p",
        tenants, providers, tests, realms, customers);
}

std::vector<LonePayment> read_lone(postgres::Transaction& tx, const std::vector<PaymentKey>& payments) {
    return lone_in(tx.execute(
        fmt::format(
            "select {} unnest($1, $2) w(tenant, id) join billing.payment p using (tenant, id) where {}",
            columns, is_lone),
        column(payments, [](const PaymentKey& key) { return key.first; }),
        column(payments, [](const PaymentKey& key) { return key.second; })));
}

std::vector<LonePayment> read_lone_near(postgres::Transaction& tx, std::span<const LonePayment> all,
                                        Lone side) {
    struct Span {
        Timestamp since;
        Timestamp until;
    };
    std::map<std::tuple<Payer, std::string, std::int64_t>, Span> spans;
    for (const LonePayment& each : all) {
        const auto [at, added] =
            spans.try_emplace({each.payer, each.currency, each.minor}, each.paid_at, each.paid_at);
        at->second = {std::min(at->second.since, each.paid_at), std::max(at->second.until, each.paid_at)};
    }
    if (spans.empty()) return {};
    const auto of = [&](auto what) { return column(spans, what); };
    const auto payer = [&](auto what) {
        return column(spans, [&](const auto& each) { return what(std::get<Payer>(each.first)); });
    };
    return lone_in(tx.execute(
        fmt::format("select {} unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                    "w(tenant, provider, is_test, realm, customer, currency, amount_minor, since, until) "
                    "join billing.payment p "
                    "using (tenant, provider, is_test, realm, customer, currency, amount_minor) "
                    "where {} and p.paid_at between w.since and w.until and p.lone = $10",
                    columns, is_lone),
        payer([](const Payer& each) { return each.realm.tenant; }),
        payer([](const Payer& each) { return std::string_view{each.realm.provider}; }),
        payer([](const Payer& each) { return each.realm.is_test; }),
        payer([](const Payer& each) { return std::string_view{each.realm.within}; }),
        payer([](const Payer& each) { return std::string_view{each.customer}; }),
        of([](const auto& each) { return std::string_view{std::get<std::string>(each.first)}; }),
        of([](const auto& each) { return std::get<std::int64_t>(each.first); }),
        of([](const auto& each) { return each.second.since - near; }),
        of([](const auto& each) { return each.second.until + near; }), name(side)));
}

}  // namespace tollgate::billing
