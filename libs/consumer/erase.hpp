// What is open of a tenant, for who erases a customer and can tell whose a message is. Parts of a verb: the
// caller admits the operator, shows nobody the bytes and records what was done. All throw SqlError.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/event_facts.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

struct OpenPlace {
    std::string consumer;
    Uuid id;
};

struct OpenMessage {
    OpenPlace place;
    bool is_retrying = false;  // left until it is done or dead
    std::string topic;
    std::optional<std::string> value;    // its bytes, wherever they lie
    std::optional<std::string> payment;  // the payment event that was made of it
};
// Those behind a place, at most so many; without those that were erased.
std::vector<OpenMessage> read_open_messages(postgres::Transaction& tx, const Uuid& tenant,
                                            const OpenPlace& behind, std::int32_t most);

// Of those that are stored.
std::vector<archive::EventFacts> read_seen_facts(postgres::Transaction& tx, const Uuid& tenant,
                                                 std::span<const Uuid> events);

// Takes the bytes away; what was not done is discarded. Gives how many: what is retried or run just now is
// left.
std::int64_t erase_messages(postgres::Transaction& tx, const Uuid& tenant, std::span<const OpenPlace> places);

}  // namespace tollgate::consumer
