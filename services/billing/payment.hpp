// A payment as all that is known of it says: a function of a set of facts, so neither their order nor a
// second event of one fact changes it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "billing/payment_fact.hpp"

namespace tollgate::billing {

enum class Status {
    pending,
    authorised,
    succeeded,
    failed,
    cancelled,
    partly_refunded,
    refunded,
    disputed,
    won,
    lost,
};
std::string_view name(Status status);

// One whose other side is told elsewhere, if at all: an invoice is paid, and nothing says by which payment; a
// payment has come, and nothing says for which invoice.
enum class Lone { invoice, payment };
std::string_view name(Lone lone);

// Amounts are in the currency's smallest unit, and of `currency`.
struct Payment {
    Status status = Status::pending;
    std::optional<std::int64_t> amount;  // captured, else what was asked for
    std::string currency;
    std::int64_t captured = 0;
    std::int64_t fee = 0;
    std::int64_t refunded = 0;
    std::int64_t disputed = 0;  // what payers have taken back: being decided, or lost
    std::int64_t lost = 0;      // of that
    std::optional<Timestamp> paid_at;
    std::optional<Timestamp> refunded_at;  // the last time
    std::string customer;
    std::string subscription;
    std::string failure_code;  // of the last failure, while it has not succeeded
    std::string failure_reason;
    std::string receipt_url;
    // What does not add up, for `ledger check`: empty if all does.
    std::string oddity;
    bool is_payout = false;
    std::int64_t paid_out = 0;
    std::optional<Lone> lone{};
    std::optional<Uuid> taken_for{};  // the payment whose money this invoice is taken to have brought
};

Payment payment_of(std::span<const PaymentFact> facts);

// Its money is another's, which books it.
void take_for(Payment& invoice, const Uuid& payment);

// What moves between which accounts when a payment changes.
enum class Booking { capture, fee, refund, dispute, dispute_loss, payout };
std::string_view name(Booking booking);

struct BookingKey {
    Booking booking = Booking::capture;
    std::string currency;
    auto operator<=>(const BookingKey&) const = default;
};
// How much each booking must stand at in all. None stands at 0.
using Bookings = std::map<BookingKey, std::int64_t>;
Bookings bookings_of(const Payment& payment);

}  // namespace tollgate::billing
