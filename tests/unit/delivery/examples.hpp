// One event for each thing that a message can be about, with names and amounts as they come in real life.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/circumstances.hpp"
#include "events/payment_event.hpp"

namespace tollgate::test {

struct Example {
    std::string_view name;  // of its golden file
    v1::PaymentEvent event;
};

std::vector<Example> examples();
v1::PaymentEvent example(std::string_view name);

// An event of a customer who is known, with what this text of protobuf adds to or changes in it.
v1::PaymentEvent event_of(std::string_view text);

// Sat 21 Nov 2026, 03:15 in UTC, one hour ahead of it; the payment gateway's page of the event is known.
delivery::Circumstances circumstances(delivery::Tone tone);

}  // namespace tollgate::test
