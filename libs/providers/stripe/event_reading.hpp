// What one snapshot event is read from and into, and the readers of each kind of object. New shapes of the
// API (2025, "basil") and the older ones are both read: the newer place first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "providers/place.hpp"

namespace tollgate::providers::stripe {

struct Reading {
    Place object;  // /data/object
    Place before;  // /data/previous_attributes: what an update has changed
    std::string_view type;
    bool releases_are_refunds;  // is_before_basil of the event's version
    std::string dashboard;      // "https://dashboard.stripe.com/test"
    v1::PaymentEvent& event;
};

// Stripe counts some currencies otherwise than ISO 4217 does.
int decimals_of(const Currency& currency);

// An amount of this place's currency.
std::optional<Money> amount(const Place& place, std::string_view below,
                            std::string_view currency = "/currency");

void link_to(const Reading& reading, v1::LinkKind kind, std::string_view page, std::string_view id);
// Name, e-mail, phone and country of an object that has them as billing_details has.
void read_person(const Place& person, v1::Customer& customer);
void read_customer_id(const Reading& reading);
void read_card(const Place& card, v1::PaymentEvent& event);

// A code and Stripe's own sentence for it: in our words where we have some.
void read_failure(std::string_view decline_code, std::string_view code, std::string message,
                  v1::PaymentEvent& event);
// An object like a payment intent's last_payment_error.
void read_payment_error(const Place& error, v1::PaymentEvent& event);

// Before version "basil" of the API (2025-03-31), what a capture leaves over and what is cancelled before its
// capture is made a refund, which is no money.
bool is_before_basil(std::string_view api_version);
// A charge that is not captured, and may never be.
bool is_only_reserved(const Place& charge);
// What the charge has given back, as it says it, and of that what was only reserved.
struct GivenBack {
    Money money;     // that had come
    Money released;  // that had not
};
std::optional<GivenBack> given_back(const Reading& reading);
// Of what a payment intent reserved.
void read_released(const Reading& reading);

void read_payment_intent(const Reading& reading);
void read_charge(const Reading& reading);
void read_refunded_charge(const Reading& reading);
void read_refund(const Reading& reading);
void read_dispute(const Reading& reading);
void read_payout(const Reading& reading);
void read_invoice(const Reading& reading);
void read_invoice_payment(const Reading& reading);
void read_subscription(const Reading& reading);
void read_updated_subscription(const Reading& reading);
void read_checkout(const Reading& reading);
void read_customer(const Reading& reading);
void read_payment_method(const Reading& reading);
void read_card_source(const Reading& reading);

// A price, or a plan of the older API.
v1::Plan plan_of(const Place& price);
// What the subscription's items bring in a month; nothing where a price does not tell.
std::optional<Money> monthly_of_items(const Place& items);
// Of a subscription of the older API with one plan.
std::optional<Money> monthly_of_plan(const Place& plan, std::uint64_t quantity);

}  // namespace tollgate::providers::stripe
