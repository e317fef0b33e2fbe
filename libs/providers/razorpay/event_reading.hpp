// What one event is read from and into, and the readers of each kind of object.
#pragma once

#include <string_view>

#include "providers/place.hpp"

namespace tollgate::providers::razorpay {

struct Reading {
    Place payload;  // /payload: each object that the event names, by its kind
    std::string_view type;
    v1::PaymentEvent& event;

    Place entity(std::string_view kind) const { return payload.at(fmt::format("/{}/entity", kind)); }
};

void link_to(const Reading& reading, v1::LinkKind kind, std::string_view page, std::string_view id);

void read_payment(const Reading& reading);
void read_paid_order(const Reading& reading);
void read_refund(const Reading& reading);
void read_dispute(const Reading& reading);
void read_invoice(const Reading& reading);
void read_settlement(const Reading& reading);
void read_subscription(const Reading& reading);
void read_subscription_charge(const Reading& reading);

}  // namespace tollgate::providers::razorpay
