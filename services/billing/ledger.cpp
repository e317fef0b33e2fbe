#include "billing/ledger.hpp"

#include <array>

namespace tollgate::billing {

namespace {

constexpr std::size_t bookings = 6;

std::optional<Booking> booking_of(std::string_view text) {
    for (std::size_t i = 0; i < bookings; ++i) {
        if (name(static_cast<Booking>(i)) == text) return static_cast<Booking>(i);
    }
    return std::nullopt;
}

}  // namespace

Accounts accounts_of(Booking booking) {
    // `provider` is what the provider has of ours, `disputed` what payers have taken back until it is
    // decided.
    constexpr std::array<Accounts, bookings> accounts{{{.debit = "provider", .credit = "sales"},
                                                       {.debit = "fees", .credit = "provider"},
                                                       {.debit = "refunds", .credit = "provider"},
                                                       {.debit = "disputed", .credit = "provider"},
                                                       {.debit = "losses", .credit = "disputed"},
                                                       {.debit = "bank", .credit = "provider"}}};
    return accounts.at(static_cast<std::size_t>(booking));
}

std::vector<Entry> difference(const Bookings& wanted, const BookedAll& booked) {
    std::vector<Entry> entries;
    const auto add = [&](const BookingKey& key, std::int64_t minor, std::int32_t last) {
        if (minor == 0) return;
        entries.push_back(
            {.key = key, .revision = last + 1, .takes_back = minor < 0, .minor = minor < 0 ? -minor : minor});
    };
    for (const auto& [key, minor] : wanted) {
        const auto known = booked.find(key);
        const Booked stands = known == booked.end() ? Booked{} : known->second;
        add(key, minor - stands.minor, stands.revision);
    }
    for (const auto& [key, stands] : booked) {
        if (!wanted.contains(key)) add(key, -stands.minor, stands.revision);
    }
    return entries;
}

std::map<PaymentKey, BookedAll> read_booked(postgres::Transaction& tx,
                                            const std::vector<PaymentKey>& payments) {
    std::vector<Uuid> tenants;
    std::vector<Uuid> ids;
    for (const auto& [tenant, id] : payments) {
        tenants.push_back(tenant);
        ids.push_back(id);
    }
    const auto rows = tx.execute(
        "select b.tenant, b.payment, b.booking, b.currency, b.minor, b.revision "
        "from unnest($1, $2) w(tenant, payment) cross join lateral "
        // Without the offset all that was ever booked is summed first, and joined then.
        "(select * from billing.booked b where b.tenant = w.tenant and b.payment = w.payment offset 0) b",
        tenants, ids);
    std::map<PaymentKey, BookedAll> all;
    for (const postgres::Row row : rows) {
        const auto booking = booking_of(row.get<std::string_view>(2));
        // Of a newer build, which alone knows what it must stand at.
        if (!booking) continue;
        all[{row.get<Uuid>(0), row.get<Uuid>(1)}]
           [{.booking = *booking, .currency = row.get<std::string>(3)}] = {
               .minor = row.get<std::int64_t>(4), .revision = row.get<std::int32_t>(5)};
    }
    return all;
}

void append(postgres::Transaction& tx, const std::vector<NewEntries>& all) {
    std::vector<Uuid> tenants, payments, events;
    std::vector<std::string_view> providers, names, currencies, debits, credits;
    std::vector<bool> tests, backs;
    std::vector<std::int32_t> revisions;
    std::vector<std::int64_t> amounts;
    for (const auto& [realm, payment, event, entries] : all) {
        for (const Entry& entry : entries) {
            const auto [debit, credit] = accounts_of(entry.key.booking);
            tenants.push_back(realm.tenant);
            payments.push_back(payment);
            names.push_back(name(entry.key.booking));
            currencies.emplace_back(entry.key.currency);
            revisions.push_back(entry.revision);
            backs.push_back(entry.takes_back);
            debits.push_back(entry.takes_back ? credit : debit);
            credits.push_back(entry.takes_back ? debit : credit);
            amounts.push_back(entry.minor);
            providers.emplace_back(realm.provider);
            tests.push_back(realm.is_test);
            events.push_back(event);
        }
    }
    if (tenants.empty()) return;
    tx.execute(
        "insert into billing.entry (tenant, payment, booking, currency, revision, takes_back, debit, credit, "
        "amount_minor, provider, is_test, event_id) "
        "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenants, payments, names, currencies, revisions, backs, debits, credits, amounts, providers, tests,
        events);
}

}  // namespace tollgate::billing
