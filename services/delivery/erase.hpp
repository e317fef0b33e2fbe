// Events that people are told of, for who erases a customer. Parts of a verb: the caller admits the operator
// and records what was done. What takes a transaction throws SqlError.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/uuid.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

struct ErasableEvent {
    Uuid id;
    events::PaymentEvent event;
};
struct ErasableEvents {
    std::vector<ErasableEvent> events;  // those that this build can read
    Uuid last;
    bool are_all = false;
};
// Those behind an id, at most so many.
ErasableEvents read_told_events(postgres::Transaction& tx, const Uuid& tenant, const Uuid& behind,
                                std::int32_t most);

// Puts the pseudonym in the place of whom it is about. Gives its bytes.
std::string without_person(events::PaymentEvent& event, std::string_view pseudonym);

// They say what happened, and under the pseudonym to whom; nothing that names a person is left, nor what was
// written about them. What a channel was told stays there. Gives how many.
std::int64_t pseudonymise(postgres::Transaction& tx, const Uuid& tenant,
                          std::span<const ErasableEvent> events, std::string_view pseudonym);

}  // namespace tollgate::delivery
