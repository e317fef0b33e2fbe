// What a payment event adds to its customer's profile. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/payment_events.hpp"
#include "events/payment_event.hpp"

namespace tollgate::enrichment {

// A link tells nothing but that what it names is of one payment.
enum class FactKind { payment, failure, refund, failed_refund, dispute, order, link, other };
std::string_view name(FactKind kind);
FactKind fact_kind(std::string_view name);

// Several events may tell of one fact: they have one kind and object, and count once. Texts are fit for an
// index of the database, and empty where there is none.
struct CustomerFact {
    FactKind kind = FactKind::other;
    std::string object;   // the payment, the attempt, the refund, the dispute, the order
    std::string payment;  // which payment it is of: a refund may name no customer, but its payment does
    std::string order;    // in a shop
    std::vector<std::string> names;  // all that the payment is called: "payment/pi_1", "invoice/in_1"
    std::string customer;            // the provider's id
    std::optional<Timestamp> at;
    std::uint64_t version = 0;              // of the provider's: the newer of two states at one time
    std::optional<archive::Amount> amount;  // of a refund: none where it has no id by which it counts once
    std::optional<std::int64_t> refunded;   // of the payment in all, as of then
    std::optional<std::int64_t>
        released{};  // of the payment: reserved and let go, and may be told as a refund
    bool is_test = false;
};

// Nothing for an event that is of no customer and no payment.
std::optional<CustomerFact> fact_of(const events::PaymentEvent& payment);

}  // namespace tollgate::enrichment
