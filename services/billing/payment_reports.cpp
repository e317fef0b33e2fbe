#include "billing/payment_reports.hpp"

namespace tollgate::billing {

namespace {

using postgres::Row;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::string_view columns =
    "p.id, p.tenant, t.slug, p.provider, p.is_test, p.is_payout, p.status, p.amount_minor, p.currency, "
    "p.captured_minor, p.fee_minor, p.refunded_minor, p.disputed_minor, p.lost_minor, p.paid_at, "
    "p.refunded_at, "
    "p.customer, p.subscription, p.failure_code, p.failure_reason, p.receipt_url, p.oddity, p.taken_for "
    "from billing.payment p left join tenants.tenant t using (tenant)";

PaymentRow payment_in(const Row& row) {
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column); };
    return {.id = row.get<Uuid>(0),
            .tenant = row.get<Uuid>(1),
            .tenant_slug = text(2),
            .provider = row.get<std::string>(3),
            .is_test = row.get<bool>(4),
            .is_payout = row.get<bool>(5),
            .status = row.get<std::string>(6),
            .amount = row.get<std::optional<std::int64_t>>(7),
            .currency = text(8),
            .captured = row.get<std::int64_t>(9),
            .fee = row.get<std::int64_t>(10),
            .refunded = row.get<std::int64_t>(11),
            .disputed = row.get<std::int64_t>(12),
            .lost = row.get<std::int64_t>(13),
            .paid_at = row.get<std::optional<Timestamp>>(14),
            .refunded_at = row.get<std::optional<Timestamp>>(15),
            .customer = text(16),
            .subscription = text(17),
            .failure_code = text(18),
            .failure_reason = text(19),
            .receipt_url = text(20),
            .oddity = text(21),
            .taken_for = row.get<std::optional<Uuid>>(22)};
}

Result<Uuid> find_payment(Transaction& tx, const std::string& wanted) {
    const auto id = Uuid::parse(wanted);
    const auto rows = tx.execute(
        "select distinct payment from (select p.id as payment from billing.payment p where p.id = $1 union "
        "all "
        "select n.payment from billing.payment_name n where n.name = any (array[$2, 'payment/' || $2, "
        "'charge/' || $2, "
        "'invoice/' || $2, 'order/' || $2, 'checkout/' || $2, 'payout/' || $2])) found",
        id ? std::optional{*id} : std::nullopt, wanted);
    if (rows.empty()) {
        return fail(
            ErrorCode::not_found,
            "no payment \"{}\" is known, of a tenant that you may see: `tollgate payment list` shows those "
            "that are",
            wanted);
    }
    if (rows.size() > 1)
        return fail(ErrorCode::conflict, "{} payments are called \"{}\": say which by its id", rows.size(),
                    wanted);
    return rows.only().get<Uuid>(0);
}

}  // namespace

Result<std::vector<PaymentRow>> list_payments(Transaction& tx, const Actor& actor,
                                              const PaymentFilter& filter) {
    std::optional<Uuid> tenant;
    if (filter.tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, Role::viewer, *filter.tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        tenant = admitted->id;
    } else if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    const auto rows = tx.execute(
        fmt::format(
            "select {} where ($1::uuid is null or p.tenant = $1) and ($2::text is null or p.status = $2) "
            "and ($3::text is null or p.customer = $3) and ($4::text is null or p.provider = $4) "
            "and p.is_test = $5 order by p.id desc limit $6",
            columns),
        tenant, filter.status, filter.customer, filter.provider, filter.is_test, filter.limit);
    std::vector<PaymentRow> payments;
    for (const Row row : rows) payments.push_back(payment_in(row));
    return payments;
}

Result<PaymentDetails> show_payment(Transaction& tx, const Actor& actor, const std::string& wanted) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    const auto id = find_payment(tx, wanted);
    if (!id) return std::unexpected{id.error()};
    PaymentDetails details{
        .payment = payment_in(tx.execute(fmt::format("select {} where p.id = $1", columns), *id).only()),
        .names = {},
        .tellers = {},
        .lines = {}};
    const Uuid tenant = details.payment.tenant;
    for (const Row row : tx.execute("select n.name from billing.payment_name n where n.tenant = $1 and "
                                    "n.payment = $2 order by 1",
                                    tenant, *id))
        details.names.push_back(row.get<std::string>(0));
    for (const Row row :
         tx.execute("select f.event_id, f.at, f.kind from billing.payment_fact f where f.tenant = $1 "
                    "and f.payment = $2 order by f.at, f.version, f.event_id",
                    tenant, *id)) {
        details.tellers.push_back(
            {.event = row.get<Uuid>(0), .at = row.get<Timestamp>(1), .kind = row.get<std::string>(2)});
    }
    for (const Row row :
         tx.execute("select e.booked_at, e.booking, e.debit, e.credit, e.amount_minor, e.currency, "
                    "e.event_id from billing.entry e where e.tenant = $1 and e.payment = $2 "
                    "order by e.booked_at, e.booking, e.revision",
                    tenant, *id)) {
        details.lines.push_back({.booked_at = row.get<Timestamp>(0),
                                 .booking = row.get<std::string>(1),
                                 .debit = row.get<std::string>(2),
                                 .credit = row.get<std::string>(3),
                                 .minor = row.get<std::int64_t>(4),
                                 .currency = row.get<std::string>(5),
                                 .event = row.get<Uuid>(6)});
    }
    return details;
}

}  // namespace tollgate::billing
