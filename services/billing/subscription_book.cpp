#include "billing/subscription_book.hpp"

#include <optional>
#include <string_view>

#include "postgres/columns.hpp"

namespace tollgate::billing {

namespace {

using postgres::column;
using postgres::unless_empty;
using Subscriptions = std::span<const Told<SubscriptionFact>>;
using Invoices = std::span<const Told<InvoiceFact>>;

constexpr std::string_view insert_subscriptions =
    "insert into billing.subscription_fact (tenant, event_id, provider, is_test, realm, at, version, rank, "
    "provider_event, customer, subscription, status, mrr_minor, currency, before_minor, plan, quantity, "
    "period_end, ends_at, before_status, before_ends_at) select * from unnest($1, $2, $3, $4, $5, $6, $7, "
    "$8, "
    "$9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";

constexpr std::string_view insert_invoices =
    "insert into billing.invoice_fact (tenant, event_id, provider, is_test, realm, at, version, rank, "
    "provider_event, customer, invoice, status, amount_minor, currency, number, subscription, next_attempt) "
    "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

void forget(postgres::Transaction& tx, std::string_view table, std::span<const Uuid> tenants,
            std::span<const Uuid> events) {
    tx.execute(fmt::format("delete from billing.{} f using unnest($1, $2) e(tenant, event_id) "
                           "where f.tenant = e.tenant and f.event_id = e.event_id",
                           table),
               tenants, events);
}

std::optional<std::int64_t> minor_of(const std::optional<archive::Amount>& amount) {
    return amount ? std::optional{amount->minor} : std::nullopt;
}
std::optional<std::string_view> currency_of(const std::optional<archive::Amount>& amount) {
    return amount ? std::optional<std::string_view>{amount->currency} : std::nullopt;
}

// Those that both have, in front of the others.
template <typename Fact, typename... Others>
void insert(postgres::Transaction& tx, std::string_view sql, std::span<const Told<Fact>> told,
            const Others&... others) {
    const auto fact = [&](auto member) {
        return column(told, [member](const Told<Fact>& each) { return each.fact.*member; });
    };
    const auto realm = [&](auto member) {
        return column(told, [member](const Told<Fact>& each) { return each.realm.*member; });
    };
    tx.execute(sql, realm(&Realm::tenant), fact(&Fact::event), realm(&Realm::provider),
               realm(&Realm::is_test), realm(&Realm::within), fact(&Fact::at), fact(&Fact::version),
               fact(&Fact::rank), fact(&Fact::provider_event),
               column(told, [](const Told<Fact>& each) { return unless_empty(each.fact.customer); }),
               others...);
}

}  // namespace

void keep_subscriptions(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
                        Subscriptions told) {
    forget(tx, "subscription_fact", tenants, again);
    if (told.empty()) return;
    using Each = Told<SubscriptionFact>;
    insert(tx, insert_subscriptions, told,
           column(told, [](const Each& each) { return std::string_view{each.fact.subscription}; }),
           column(told, [](const Each& each) { return unless_empty(each.fact.status); }),
           column(told, [](const Each& each) { return minor_of(each.fact.mrr); }),
           column(told, [](const Each& each) { return currency_of(each.fact.mrr); }),
           column(told, [](const Each& each) { return each.fact.before; }),
           column(told, [](const Each& each) { return unless_empty(each.fact.plan); }),
           column(told, [](const Each& each) { return each.fact.quantity; }),
           column(told, [](const Each& each) { return each.fact.period_end; }),
           column(told, [](const Each& each) { return each.fact.ends_at; }),
           column(told, [](const Each& each) { return unless_empty(each.fact.before_status); }),
           column(told, [](const Each& each) { return each.fact.before_ends_at; }));
}

void keep_invoices(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
                   Invoices told) {
    forget(tx, "invoice_fact", tenants, again);
    if (told.empty()) return;
    using Each = Told<InvoiceFact>;
    insert(tx, insert_invoices, told,
           column(told, [](const Each& each) { return std::string_view{each.fact.invoice}; }),
           column(told, [](const Each& each) { return std::string_view{each.fact.status}; }),
           column(told, [](const Each& each) { return minor_of(each.fact.amount); }),
           column(told, [](const Each& each) { return currency_of(each.fact.amount); }),
           column(told, [](const Each& each) { return unless_empty(each.fact.number); }),
           column(told, [](const Each& each) { return unless_empty(each.fact.subscription); }),
           column(told, [](const Each& each) { return each.fact.next_attempt; }));
}

}  // namespace tollgate::billing
