// What Postgres keeps of messages: all of one that comes from the journal, the data of a Kafka record that
// goes by reference. An error is the database's, and may pass; what is wrong with one message is its flaw.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "consumer/message.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

// Of the first of these entries, and of one at least; no more once their data have `bytes_max`.
Result<std::vector<Message>> read_messages(postgres::Connection& connection,
                                           std::span<const journal::Entry> entries, std::size_t bytes_max);

// The data that it refers to.
Result<void> look_up(postgres::Connection& connection, Message& message);

}  // namespace tollgate::consumer
