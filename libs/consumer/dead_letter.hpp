// What a dead letter says beside its untouched key, value and headers, and what makes two of them alike.
#pragma once

#include <string>
#include <string_view>

#include "consumer/handler.hpp"

namespace tollgate::consumer {

// The same for reasons that differ by ids, numbers, addresses and quoted words alone: "in [table:3]" and "in
// [table:17]" are one trouble. 16 hex digits.
std::string fingerprint(std::string_view reason);

struct Death {
    std::string_view consumer;
    std::string_view reason;
    std::string_view build;
    std::int32_t attempts = 0;
};

// A JSON object of text: what goes into the journal's entry. Spring's and Kafka Connect's names are made of
// it when it becomes a record.
std::string death_headers(const Message& message, const Death& death);

// "<consumer>.dlq": the journal's topic of a consumer's dead letters.
std::string dead_letter_topic(std::string_view consumer);

}  // namespace tollgate::consumer
