// A message as the payment event that its provider's folder makes of it.
#pragma once

#include <expected>
#include <string>
#include <unordered_map>

#include "consumer/handler.hpp"
#include "enrichment/known_event.hpp"
#include "enrichment/references.hpp"
#include "events/payment_event.hpp"

namespace tollgate::enrichment {

using Known = std::unordered_map<Uuid, KnownEvent>;

struct ReadEvent {
    const KnownEvent* known = nullptr;
    events::PaymentEvent payment;
    // Of whom an operator has erased since it came: then the payment names nobody, and is a pseudonym's.
    bool is_erased = false;
    std::string erased_id{};  // the provider's, in place of which that stands
};
// Or what becomes of it instead.
std::expected<ReadEvent, consumer::Outcome> read_event(const consumer::Task& task, const Known& known);

Payer payer_of(const ReadEvent& event);

}  // namespace tollgate::enrichment
