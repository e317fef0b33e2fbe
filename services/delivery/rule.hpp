// Which events a destination is told of, and how. Pure: rows of it are `rule_rows`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "archive/payment_events.hpp"
#include "core/uuid.hpp"
#include "events/payment_event.hpp"

namespace tollgate::delivery {

enum class Way : std::uint8_t {
    message,  // of its own
    digest,   // once a day, with others
    nothing,  // so that no later rule tells it
};
std::string_view name(Way way);
Result<Way> parse_way(std::string_view text);

// What is not said fits everything.
struct Rule {
    Uuid id{};
    Uuid tenant{};
    Uuid destination{};
    std::int32_t place = 0;
    std::string name;
    std::vector<std::string> categories{};  // "money_in"
    std::vector<std::string> types{};       // "payment_failed", or the provider's: "stripe.invoice.paid"
    std::optional<archive::Amount> minimum{};
    std::string plan{};                      // its name or the provider's id of it
    std::optional<std::int32_t> priority{};  // so urgent at least; 1 is the most
    std::string mode{};                      // "live", "test"
    Way way = Way::message;
    std::string mention{};      // a user group
    bool hold_in_quiet = true;  // what is not to be acted on now
};

// Why it does not fit, in words; nothing if it does.
std::optional<std::string> why_not(const Rule& rule, const v1::PaymentEvent& event);

// The first that fits, of rules in their order.
const Rule* first_fit(std::span<const Rule> rules, const v1::PaymentEvent& event);

// What is wrong with it: a type or category that there is not. The tables check the rest.
Result<void> check(const Rule& rule);

}  // namespace tollgate::delivery
