// What a payment event tells of a subscription, or of an invoice. How they stand is reckoned by views. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "archive/payment_events.hpp"
#include "core/uuid.hpp"
#include "events/payment_event.hpp"

namespace tollgate::billing {

// Texts are empty where nothing is told.
struct SubscriptionFact {
    Uuid event;
    std::string subscription;
    Timestamp at{};
    std::int64_t version = 0;
    std::int16_t rank = 1;  // of two states at one time: it is made first, and ends last
    std::string status;     // one of ours: "past_due"
    std::optional<archive::Amount> mrr;
    std::optional<std::int64_t> before;  // the monthly revenue until then, if it says so
    std::string before_status{};         // until then; empty where it says neither that nor the end
    std::optional<Timestamp> before_ends_at{};
    std::string plan;
    std::optional<std::int32_t> quantity;
    std::string customer;
    std::optional<Timestamp> period_end;
    std::optional<Timestamp> ends_at;
    std::string provider_event{};  // decides between two of one moment
};

struct InvoiceFact {
    Uuid event;
    std::string invoice;
    Timestamp at{};
    std::int64_t version = 0;
    std::int16_t rank = 0;
    std::string status;  // one of ours: "open", "failed", "paid", "uncollectible", "void"
    std::optional<archive::Amount> amount;
    std::string number;
    std::string customer;
    std::string subscription;
    std::optional<Timestamp> next_attempt;
    std::string provider_event{};
};

// `at` is the provider's time, else the one given. Nothing for an event that tells of none.
std::optional<SubscriptionFact> subscription_fact(const events::PaymentEvent& event, const Uuid& id,
                                                  Timestamp received);
std::optional<InvoiceFact> invoice_fact(const events::PaymentEvent& event, const Uuid& id,
                                        Timestamp received);

// A provider's word for how a subscription stands, in ours; empty for one that nobody knows here.
std::string_view standing(std::string_view word);

}  // namespace tollgate::billing
