// What a delivery says: the events that it tells, as one message. Pure.
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

// One event of each fact, the oldest first; of facts of one story the newest alone.
std::vector<v1::PaymentEvent> one_of_each(const std::vector<ToldEvent>& told);

// By the kind of the delivery: "message", "quiet" or "digest". At least one event is needed.
Message message_of(std::string_view kind, const std::vector<ToldEvent>& told,
                   const Circumstances& circumstances);

}  // namespace tollgate::delivery
