// What a payment event tells of a payment: of money that comes, or goes back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/payment_events.hpp"
#include "core/uuid.hpp"
#include "events/payment_event.hpp"

namespace tollgate::billing {

enum class FactKind {
    captured,   // the payment itself says that money has come
    settled,    // its invoice or its checkout does
    elsewhere,  // an invoice was paid, and not through the provider
    authorised,
    pending,
    failed,
    cancelled,
    taken_back,  // what had come, if it had, is gone again, and is no refund: a failure that comes late
    refund,
    refund_failed,
    dispute_opened,
    dispute_won,
    dispute_lost,
    payout,
    payout_failed,
};
std::string_view name(FactKind kind);
std::optional<FactKind> fact_kind(std::string_view name);

// Texts are empty where there is none.
struct PaymentFact {
    Uuid event;
    FactKind kind = FactKind::pending;
    // Of the refund, dispute or payout that it is about, or of what was taken back or paid elsewhere; empty
    // for the payment itself.
    std::string object;
    // The payment's own ids: what has one of these in common is the same money.
    std::string payment_id;
    std::string charge_id;
    std::string invoice{};  // that it pays, or that tells of it; of several, one
    // All that it is called: "payment/pi_1", "charge/ch_1", "invoice/in_1". Events with a name in common are
    // of one payment. Not kept with the fact: which payment that is, is.
    std::vector<std::string> names{};
    Timestamp at{};
    std::int64_t version = 0;  // the provider's: the newer of two states at one time
    std::optional<archive::Amount> amount;
    std::optional<std::int64_t> fee;
    std::optional<std::int64_t> refunded;  // of the payment in all, as of then
    std::optional<std::int64_t>
        released{};  // of the payment: reserved and let go, and may be told as a refund
    std::string customer;
    std::string subscription;
    std::string failure_code;
    std::string failure_reason;
    std::string receipt_url;
    std::string provider_event{};  // decides between two facts of one moment

    // Otherwise an invoice, an order or a checkout tells of it, and an invoice may be paid by several
    // payments.
    bool is_of_payment_itself() const { return !payment_id.empty() || !charge_id.empty(); }
};

// `at` is the provider's time, else the one given. Nothing for an event that is of no payment.
std::optional<PaymentFact> payment_fact(const events::PaymentEvent& event, const Uuid& id,
                                        Timestamp received);

}  // namespace tollgate::billing
