// What the relay has put on the bus, as it keeps it for operators: sums, and where each record lies.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "journal/reader.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::journal {

struct Published {
    Entry entry;
    std::string log_topic;  // the broker's name of its topic
    std::int32_t partition = 0;
    std::int64_t offset = 0;
};

// From now on what is published is counted. Once, before the first.
void begin_counting_published(postgres::Transaction& transaction);

// In the transaction that moves the reader past them, so that each is counted once.
void note_published(postgres::Transaction& transaction, std::span<const Published> all);

}  // namespace tollgate::journal
