#include "billing/ledger_reports.hpp"

namespace tollgate::billing {

namespace {

using postgres::Row;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

// Of the one that was named; none if all that the actor may see are meant.
Result<std::optional<Uuid>> admitted_to(Transaction& tx, const Actor& actor,
                                        const std::optional<std::string>& tenant) {
    if (tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, Role::viewer, *tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        return admitted->id;
    }
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return std::nullopt;
}

void read_balances(Transaction& tx, const std::optional<Uuid>& tenant, LedgerCheck& check) {
    for (const Row row :
         tx.execute("select t.slug, b.tenant, b.is_test, b.currency, b.account, b.balance_minor "
                    "from billing.balance b left join tenants.tenant t using (tenant) "
                    "where $1::uuid is null or b.tenant = $1 order by 1, 2, 3, 4, 5",
                    tenant)) {
        check.balances.push_back({.tenant_slug = row.get<std::optional<std::string>>(0),
                                  .tenant = row.get<Uuid>(1),
                                  .is_test = row.get<bool>(2),
                                  .currency = row.get<std::string>(3),
                                  .account = row.get<std::string>(4),
                                  .minor = row.get<std::int64_t>(5)});
    }
}

void read_disagreements(Transaction& tx, const std::optional<Uuid>& tenant, LedgerCheck& check) {
    for (const Row row : tx.execute("select d.tenant, d.payment, d.booking, d.currency, d.payment_says, "
                                    "d.ledger_says from billing.disagreement d "
                                    "where $1::uuid is null or d.tenant = $1 order by 1, 2, 3 limit 1000",
                                    tenant)) {
        check.disagreements.push_back({.tenant = row.get<Uuid>(0),
                                       .payment = row.get<Uuid>(1),
                                       .booking = row.get<std::string>(2),
                                       .currency = row.get<std::optional<std::string>>(3),
                                       .payment_says = row.get<std::int64_t>(4),
                                       .ledger_says = row.get<std::int64_t>(5)});
    }
}

void read_oddities(Transaction& tx, const std::optional<Uuid>& tenant, LedgerCheck& check) {
    for (const Row row :
         tx.execute("select p.tenant, p.id, p.oddity, count(*) over () from billing.payment p "
                    "where p.oddity is not null and ($1::uuid is null or p.tenant = $1) "
                    // What many have is no news; a rare one must not be lost among them.
                    "order by count(*) over (partition by p.oddity), p.id desc limit 100",
                    tenant)) {
        check.oddities.push_back(
            {.tenant = row.get<Uuid>(0), .payment = row.get<Uuid>(1), .what = row.get<std::string>(2)});
        check.oddities_in_all = row.get<std::int64_t>(3);
    }
}

void count_guesses(Transaction& tx, const std::optional<Uuid>& tenant, LedgerCheck& check) {
    check.invoices_taken_for_payments =
        tx.execute(
              "select count(*) from billing.payment p where p.taken_for is not null "
              "and ($1::uuid is null or p.tenant = $1)",
              tenant)
            .only()
            .get<std::int64_t>(0);
}

}  // namespace

Result<LedgerCheck> check_ledger(Transaction& tx, const Actor& actor,
                                 const std::optional<std::string>& tenant) {
    const auto of = admitted_to(tx, actor, tenant);
    if (!of) return std::unexpected{of.error()};
    LedgerCheck check;
    read_balances(tx, *of, check);
    read_disagreements(tx, *of, check);
    read_oddities(tx, *of, check);
    count_guesses(tx, *of, check);
    return check;
}

Result<std::vector<SubscriptionRow>> list_subscriptions(Transaction& tx, const Actor& actor,
                                                        const SubscriptionFilter& filter) {
    const auto of = admitted_to(tx, actor, filter.tenant);
    if (!of) return std::unexpected{of.error()};
    const auto rows = tx.execute(
        "select s.tenant, t.slug, s.provider, s.is_test, s.id, s.status, s.mrr_minor, s.currency, s.plan, "
        "s.quantity, "
        "s.customer, s.period_end, s.ends_at, s.first_at, s.last_at, s.realm "
        "from billing.subscription_standing s left join tenants.tenant t using (tenant) "
        "where ($1::uuid is null or s.tenant = $1) and ($2::text is null or s.id = $2) "
        "and ($3::text is null or s.status = $3) and ($4::text is null or s.customer = $4) "
        "and ($5::boolean is null or s.is_test = $5) order by s.last_at desc, s.id limit $6",
        *of, filter.id, filter.status, filter.customer,
        filter.id ? std::nullopt : std::optional{filter.is_test}, filter.limit);
    std::vector<SubscriptionRow> subscriptions;
    for (const Row row : rows) {
        const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column); };
        subscriptions.push_back({.tenant = row.get<Uuid>(0),
                                 .tenant_slug = text(1),
                                 .provider = row.get<std::string>(2),
                                 .is_test = row.get<bool>(3),
                                 .id = row.get<std::string>(4),
                                 .status = text(5),
                                 .mrr = row.get<std::optional<std::int64_t>>(6),
                                 .currency = text(7),
                                 .plan = text(8),
                                 .quantity = row.get<std::optional<std::int32_t>>(9),
                                 .customer = text(10),
                                 .period_end = row.get<std::optional<Timestamp>>(11),
                                 .ends_at = row.get<std::optional<Timestamp>>(12),
                                 .first_at = row.get<Timestamp>(13),
                                 .last_at = row.get<Timestamp>(14),
                                 .realm = row.get<std::string>(15)});
    }
    return subscriptions;
}

Result<std::vector<Movement>> movements_of(Transaction& tx, const Actor& actor,
                                           const SubscriptionRow& subscription) {
    const auto of = admitted_to(tx, actor, subscription.tenant.text());
    if (!of) return std::unexpected{of.error()};
    std::vector<Movement> movements;
    for (const Row row :
         tx.execute("select m.at, m.subscription, m.effect, m.delta_minor, m.currency "
                    "from billing.mrr_standing m where m.tenant = $1 and m.provider = $2 "
                    "and m.is_test = $3 and m.realm = $4 and m.subscription = $5 order by m.at",
                    subscription.tenant, subscription.provider, subscription.is_test, subscription.realm,
                    subscription.id)) {
        movements.push_back({.at = row.get<Timestamp>(0),
                             .subscription = row.get<std::string>(1),
                             .effect = row.get<std::string>(2),
                             .delta = row.get<std::int64_t>(3),
                             .currency = row.get<std::string>(4)});
    }
    return movements;
}

Result<std::vector<MrrMonth>> mrr_by_month(Transaction& tx, const Actor& actor,
                                           const std::optional<std::string>& tenant, bool is_test) {
    const auto of = admitted_to(tx, actor, tenant);
    if (!of) return std::unexpected{of.error()};
    const auto rows = tx.execute(
        "select m.month, m.currency, m.begun, m.expansion, m.contraction, m.churn, m.reactivation, "
        "billing.at_most(sum(m.delta) over (partition by m.currency order by m.month)) from ("
        "  select to_char(m.at at time zone coalesce((select t.time_zone from tenants.tenant t where "
        "t.tenant = $1), 'UTC'), "
        "  'YYYY-MM') as month, m.currency, "
        "  billing.at_most(coalesce(sum(m.delta_minor) filter (where m.effect = 'new'), 0)) as begun, "
        "  billing.at_most(coalesce(sum(m.delta_minor) filter (where m.effect = 'expansion'), 0)) as "
        "expansion, "
        "  billing.at_most(coalesce(sum(m.delta_minor) filter (where m.effect = 'contraction'), 0)) as "
        "contraction, "
        "  billing.at_most(coalesce(sum(m.delta_minor) filter (where m.effect = 'churn'), 0)) as churn, "
        "  billing.at_most(coalesce(sum(m.delta_minor) filter (where m.effect = 'reactivation'), 0)) as "
        "reactivation, "
        "  sum(m.delta_minor) as delta "
        "  from billing.mrr_standing m where ($1::uuid is null or m.tenant = $1) and m.is_test = $2 group by "
        "1, 2) m "
        "order by m.currency, m.month",
        *of, is_test);
    std::vector<MrrMonth> months;
    for (const Row row : rows) {
        months.push_back({.month = row.get<std::string>(0),
                          .currency = row.get<std::string>(1),
                          .begun = row.get<std::int64_t>(2),
                          .expansion = row.get<std::int64_t>(3),
                          .contraction = row.get<std::int64_t>(4),
                          .churn = row.get<std::int64_t>(5),
                          .reactivation = row.get<std::int64_t>(6),
                          .at_end = row.get<std::int64_t>(7)});
    }
    return months;
}

}  // namespace tollgate::billing
