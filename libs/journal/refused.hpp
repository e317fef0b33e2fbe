// Entries that a reader cannot pass on and never will: set aside, so that those behind them go on.
#pragma once

#include <string>

#include "journal/reader.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::journal {

struct Refusal {
    Entry entry;
    std::string reason;
};

// In the transaction that moves the reader past it. Throws SqlError `fenced` if somebody else reads by now.
void set_aside(postgres::Transaction& transaction, const ReaderIdentity& reader, const Refusal& refusal);

}  // namespace tollgate::journal
