// The ledger: what payments must stand at against what is booked, and the entries for the difference.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "billing/payment.hpp"
#include "billing/payment_names.hpp"
#include "billing/told.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::billing {

// An amount moves from `credit` to `debit`.
struct Accounts {
    std::string_view debit;
    std::string_view credit;
};
Accounts accounts_of(Booking booking);

struct Booked {
    std::int64_t minor = 0;
    std::int32_t revision = 0;  // of its last entry
};
using BookedAll = std::map<BookingKey, Booked>;

struct Entry {
    BookingKey key;
    std::int32_t revision = 1;
    bool takes_back = false;
    std::int64_t minor = 0;

    bool operator==(const Entry&) const = default;
};

// Pure. What must be added so that `booked` becomes `wanted`.
std::vector<Entry> difference(const Bookings& wanted, const BookedAll& booked);

// Of one payment, because of an event.
struct NewEntries {
    Realm realm;
    Uuid payment;
    Uuid event;
    std::vector<Entry> entries;
};
std::map<PaymentKey, BookedAll> read_booked(postgres::Transaction& tx,
                                            const std::vector<PaymentKey>& payments);
void append(postgres::Transaction& tx, const std::vector<NewEntries>& all);

}  // namespace tollgate::billing
