// Puts what was read of an event into the payment event; what is not there, or cannot be shown, is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "events/payment_event.hpp"

namespace tollgate::providers {

constexpr int attributes_max = 100;  // Stripe has at most 50

void write(const Money& from, v1::Money& to);
void write(Timestamp from, google::protobuf::Timestamp& to);

// put(place.time("/trial_end"), event, &v1::PaymentEvent::mutable_trial_end)
template <typename Value, typename Owner, typename Message>
void put(const std::optional<Value>& value, Owner& owner, Message* (Owner::*field)()) {
    if (value) write(*value, *(owner.*field)());
}

// What an event says, where its type alone does not say it.
void tell(v1::PaymentEvent& event, v1::Category category, v1::Fact fact);

void set_subject(v1::PaymentEvent& event, v1::SubjectKind kind, std::string id, std::string description = "");

// Only https, and without what could end a link in a message.
void add_link(v1::PaymentEvent& event, v1::LinkKind kind, std::string_view url);

// Letters, digits, "_" and "-": what may stand in the address of a dashboard's page as it is.
bool is_plain_id(std::string_view text);

// Of digits no more than four are shown.
void set_card(v1::PaymentEvent& event, std::string brand, std::string_view last_four, std::uint32_t month,
              std::uint32_t year);

void add_attribute(v1::PaymentEvent& event, std::string_view name, std::string_view value);

// "first last", with one of them missing too.
std::string full_name(std::string_view first, std::string_view last);

// The last four digits of a masked card number; nothing if it does not end in four.
std::string last_four_of(std::string_view masked);

// A code of a provider, in words that people use.
struct CodeWords {
    std::string_view code;
    std::string_view words;
};
// By a table in order of code; empty if it is not in it.
std::string_view words_for(std::span<const CodeWords> table, std::string_view code);

}  // namespace tollgate::providers
