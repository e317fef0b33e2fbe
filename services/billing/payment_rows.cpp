#include "billing/payment_rows.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "postgres/columns.hpp"

namespace tollgate::billing {

namespace {

using postgres::column;
using postgres::Row;
using postgres::Transaction;
using postgres::unless_empty;
using OptionalText = std::optional<std::string_view>;

struct Keys {
    std::vector<Uuid> tenants;
    std::vector<Uuid> payments;

    explicit Keys(const std::vector<PaymentKey>& keys)
        : tenants{column(keys, [](const PaymentKey& key) { return key.first; })},
          payments{column(keys, [](const PaymentKey& key) { return key.second; })} {}
};

std::optional<archive::Amount> amount_in(const Row& row, std::size_t at) {
    if (row.is_null(at)) return std::nullopt;
    return archive::Amount{.minor = row.get<std::int64_t>(at), .currency = row.get<std::string>(at + 1)};
}

PaymentFact fact_in(const Row& row) {
    return {.event = row.get<Uuid>(2),
            .kind = fact_kind(row.get<std::string_view>(3)).value_or(FactKind::pending),
            .object = row.get<std::string>(4),
            .payment_id = row.get<std::string>(5),
            .charge_id = row.get<std::string>(6),
            .invoice = row.get<std::string>(18),
            .at = row.get<Timestamp>(7),
            .version = row.get<std::int64_t>(8),
            .amount = amount_in(row, 9),
            .fee = row.get<std::optional<std::int64_t>>(11),
            .refunded = row.get<std::optional<std::int64_t>>(12),
            .released = row.get<std::optional<std::int64_t>>(20),
            .customer = row.get<std::string>(13),
            .subscription = row.get<std::string>(14),
            .failure_code = row.get<std::string>(15),
            .failure_reason = row.get<std::string>(16),
            .receipt_url = row.get<std::string>(17),
            .provider_event = row.get<std::string>(19)};
}

constexpr std::string_view insert_facts =
    "insert into billing.payment_fact (tenant, event_id, payment, kind, object, payment_id, charge_id, at, "
    "version, "
    "amount_minor, currency, fee_minor, refunded_minor, customer, subscription, failure_code, "
    "failure_reason, "
    "receipt_url, invoice, provider_event, released_minor) select * from unnest($1, $2, $3, $4, $5, $6, $7, "
    "$8, "
    "$9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";

constexpr std::string_view update_payments =
    "update billing.payment p set status = w.status, amount_minor = w.amount, currency = w.currency, "
    "captured_minor = w.captured, fee_minor = w.fee, refunded_minor = w.refunded, disputed_minor = "
    "w.disputed, "
    "lost_minor = w.lost, paid_out_minor = w.paid_out, paid_at = w.paid_at, refunded_at = w.refunded_at, "
    "customer = w.customer, subscription = w.subscription, failure_code = w.failure_code, "
    "failure_reason = w.failure_reason, receipt_url = w.receipt_url, oddity = w.oddity, is_payout = "
    "w.is_payout, lone = w.lone, taken_for = w.taken_for, "
    "updated_at = now() "
    "from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
    "$21, $22) w(tenant, id, status, amount, currency, captured, fee, refunded, disputed, lost, paid_out, "
    "paid_at, "
    "refunded_at, "
    "customer, subscription, failure_code, failure_reason, receipt_url, oddity, is_payout, lone, taken_for) "
    "where p.tenant = w.tenant and p.id = w.id";

}  // namespace

std::map<PaymentKey, Uuid> forget_facts(Transaction& tx, std::span<const Uuid> tenants,
                                        std::span<const Uuid> events) {
    const auto rows = tx.execute(
        "delete from billing.payment_fact f using unnest($1, $2) e(tenant, event_id) "
        "where f.tenant = e.tenant and f.event_id = e.event_id returning f.tenant, f.payment, f.event_id",
        tenants, events);
    std::map<PaymentKey, Uuid> told;
    for (const Row row : rows) told[{row.get<Uuid>(0), row.get<Uuid>(1)}] = row.get<Uuid>(2);
    return told;
}

void keep_facts(Transaction& tx, std::span<const Told<PaymentFact>> told, const std::vector<Uuid>& payments) {
    using Each = Told<PaymentFact>;
    const auto text = [&](std::string PaymentFact::* member) {
        return column(told, [member](const Each& each) { return std::string_view{each.fact.*member}; });
    };
    tx.execute(insert_facts, column(told, [](const Each& each) { return each.realm.tenant; }),
               column(told, [](const Each& each) { return each.fact.event; }), payments,
               column(told, [](const Each& each) { return name(each.fact.kind); }),
               text(&PaymentFact::object), text(&PaymentFact::payment_id), text(&PaymentFact::charge_id),
               column(told, [](const Each& each) { return each.fact.at; }),
               column(told, [](const Each& each) { return each.fact.version; }),
               column(told,
                      [](const Each& each) {
                          return each.fact.amount ? std::optional{each.fact.amount->minor} : std::nullopt;
                      }),
               column(told,
                      [](const Each& each) {
                          return each.fact.amount ? OptionalText{each.fact.amount->currency} : std::nullopt;
                      }),
               column(told, [](const Each& each) { return each.fact.fee; }),
               column(told, [](const Each& each) { return each.fact.refunded; }),
               text(&PaymentFact::customer), text(&PaymentFact::subscription),
               text(&PaymentFact::failure_code), text(&PaymentFact::failure_reason),
               text(&PaymentFact::receipt_url), text(&PaymentFact::invoice),
               text(&PaymentFact::provider_event),
               column(told, [](const Each& each) { return each.fact.released; }));
}

std::map<PaymentKey, std::vector<PaymentFact>> read_facts(Transaction& tx,
                                                          const std::vector<PaymentKey>& payments) {
    const Keys keys{payments};
    const auto rows = tx.execute(
        "select f.tenant, f.payment, f.event_id, f.kind, f.object, f.payment_id, f.charge_id, f.at, "
        "f.version, "
        "f.amount_minor, f.currency, f.fee_minor, f.refunded_minor, f.customer, f.subscription, "
        "f.failure_code, "
        "f.failure_reason, f.receipt_url, f.invoice, f.provider_event, f.released_minor from unnest($1, $2) "
        "w(tenant, payment) "
        "join billing.payment_fact f using (tenant, payment)",
        keys.tenants, keys.payments);
    std::map<PaymentKey, std::vector<PaymentFact>> facts;
    for (const Row row : rows) facts[{row.get<Uuid>(0), row.get<Uuid>(1)}].push_back(fact_in(row));
    return facts;
}

std::map<PaymentKey, Realm> lock_payments(Transaction& tx, const std::map<PaymentKey, Realm>& realms,
                                          const std::vector<PaymentKey>& payments) {
    tx.execute(
        "insert into billing.payment (tenant, id, provider, is_test, realm) "
        "select * from unnest($1, $2, $3, $4, $5) on conflict do nothing",
        column(realms, [](const auto& each) { return each.first.first; }),
        column(realms, [](const auto& each) { return each.first.second; }),
        column(realms, [](const auto& each) { return std::string_view{each.second.provider}; }),
        column(realms, [](const auto& each) { return each.second.is_test; }),
        column(realms, [](const auto& each) { return std::string_view{each.second.within}; }));
    const Keys keys{payments};
    const auto rows = tx.execute(
        "select p.tenant, p.id, p.provider, p.is_test, p.realm from unnest($1, $2) w(tenant, id) "
        "join billing.payment p using (tenant, id) order by p.tenant, p.id for update of p",
        keys.tenants, keys.payments);
    std::map<PaymentKey, Realm> locked;
    for (const Row row : rows) {
        locked[{row.get<Uuid>(0), row.get<Uuid>(1)}] = {.tenant = row.get<Uuid>(0),
                                                        .provider = row.get<std::string>(2),
                                                        .is_test = row.get<bool>(3),
                                                        .within = row.get<std::string>(4)};
    }
    return locked;
}

void write_payments(Transaction& tx, const std::map<PaymentKey, Payment>& payments) {
    if (payments.empty()) return;
    using Each = std::pair<const PaymentKey, Payment>;
    const auto of = [&](auto member) {
        return column(payments, [member](const Each& each) { return each.second.*member; });
    };
    const auto text = [&](std::string Payment::* member) {
        return column(payments, [member](const Each& each) { return unless_empty(each.second.*member); });
    };
    tx.execute(update_payments, column(payments, [](const Each& each) { return each.first.first; }),
               column(payments, [](const Each& each) { return each.first.second; }),
               column(payments, [](const Each& each) { return name(each.second.status); }),
               of(&Payment::amount), text(&Payment::currency), of(&Payment::captured), of(&Payment::fee),
               of(&Payment::refunded), of(&Payment::disputed), of(&Payment::lost), of(&Payment::paid_out),
               of(&Payment::paid_at), of(&Payment::refunded_at), text(&Payment::customer),
               text(&Payment::subscription), text(&Payment::failure_code), text(&Payment::failure_reason),
               text(&Payment::receipt_url), text(&Payment::oddity), of(&Payment::is_payout),
               column(payments,
                      [](const Each& each) {
                          return each.second.lone ? OptionalText{name(*each.second.lone)} : std::nullopt;
                      }),
               of(&Payment::taken_for));
}

void remove_payments(Transaction& tx, const std::vector<PaymentKey>& payments) {
    if (payments.empty()) return;
    const Keys keys{payments};
    tx.execute(
        "delete from billing.payment p using unnest($1, $2) w(tenant, id) "
        "where p.tenant = w.tenant and p.id = w.id",
        keys.tenants, keys.payments);
}

}  // namespace tollgate::billing
