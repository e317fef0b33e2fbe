// What a delivery says of the events that it tells. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "core/uuid.hpp"
#include "delivery/circumstances.hpp"
#include "delivery/message.hpp"
#include "events/payment_event.hpp"

namespace tollgate::delivery {

struct ToldEvent {
    Uuid id;
    Uuid fact;
    Timestamp at;
    v1::PaymentEvent event;
};

// One event of each fact, the oldest first.
std::vector<v1::PaymentEvent> each_fact(const std::vector<ToldEvent>& told);

// Likewise; of facts of one story the newest alone.
std::vector<v1::PaymentEvent> one_of_each(const std::vector<ToldEvent>& told);

// What came in quiet hours; `facts` of them, of which these are the newest. At least one is needed.
Message bundle_of(const std::vector<ToldEvent>& told, std::size_t facts, const Circumstances& circumstances);

}  // namespace tollgate::delivery
