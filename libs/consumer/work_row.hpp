// A message as the columns of a row of consumer.work, and back.
#pragma once

#include <string>
#include <string_view>

#include "consumer/message.hpp"
#include "postgres/rows.hpp"

namespace tollgate::consumer {

// [[name, value], ...]; [name, value, "base64"] where one of them is no text that JSON in Postgres can hold.
std::string headers_to_json(const events::Headers& headers);
Result<events::Headers> headers_from_json(std::string_view json);

// Of columns topic, log_topic, log_partition, log_offset, key, value, headers, message_id and tenant, from
// that one on. What is wrong with the record as such is found again.
Message message_of(const postgres::Row& row, std::size_t first_column);
inline constexpr std::string_view message_columns =
    "topic, log_topic, log_partition, log_offset, key, value, headers, message_id, tenant";

}  // namespace tollgate::consumer
