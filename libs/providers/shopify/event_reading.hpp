// What one event is read from and into, and the readers of each kind of object.
#pragma once

#include <string>
#include <string_view>

#include "providers/place.hpp"

namespace tollgate::providers::shopify {

struct Reading {
    Place body;
    std::string admin;  // "https://acme.myshopify.com/admin", or empty
    v1::PaymentEvent& event;
};

void link_to(const Reading& reading, v1::LinkKind kind, std::string_view page, std::string_view id);

// What a customer's object tells, where nothing is told yet.
void read_payer(const Place& from, v1::Customer& customer);

void read_customer(const Reading& reading);
void read_order(const Reading& reading);
void read_paid_order(const Reading& reading);
void read_cancelled_order(const Reading& reading);
void read_refund(const Reading& reading);
void read_dispute(const Reading& reading);

}  // namespace tollgate::providers::shopify
