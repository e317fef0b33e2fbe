// What was not done of a customer's, for who erases that customer. Parts of a verb: the caller admits the
// operator and records what was done.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

struct MessagesOfCustomer {
    std::int64_t erasable = 0;
    std::int64_t retrying = 0;  // left until they are done or dead
};
// Both throw SqlError.
MessagesOfCustomer count_messages_of(postgres::Transaction& tx, const Uuid& tenant, std::string_view provider,
                                     std::string_view customer);
// Takes the bytes away; what was not done is discarded. Gives how many.
std::int64_t erase_messages_of(postgres::Transaction& tx, const Uuid& tenant, std::string_view provider,
                               std::string_view customer);

}  // namespace tollgate::consumer
