// What an event is told of as: the names by which events of one fact find each other. Providers send several
// for one: an invoice is paid, and so are its payment and its charge. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "events/payment_event.hpp"

namespace tollgate::delivery {

// One of two events that tell a fact and have no id in common: a refund, and the payment that it is of.
enum class Teller : std::uint8_t { refund = 1, payment = 2 };
struct Half {
    std::string name;  // "refunded half/charge/ch_1/900 USD": what both know
    Teller teller = Teller::refund;
};

struct NamedFact {
    std::vector<std::string> names;  // "paid/invoice/in_1"; at least one
    // What may happen again under one name is told apart by the provider's number of the attempt, else by
    // time.
    bool may_recur = false;
    std::optional<std::int32_t> attempt{};
    Timestamp at{};
    std::optional<Half> half{};
};

NamedFact fact_of(const v1::PaymentEvent& event, const Uuid& id);

}  // namespace tollgate::delivery
