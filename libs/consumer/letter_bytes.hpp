// The bytes of messages that were not done: for operators, and each look is in the audit log.
#pragma once

#include "consumer/letter_rows.hpp"

namespace tollgate::consumer {

struct LetterBytes {
    Letter letter;
    std::optional<std::string> key;
    std::optional<std::string> value;  // none: it had none, or its day was dropped
};

Result<LetterBytes> read_letter(postgres::Transaction& tx, const tenants::Actor& actor,
                                const std::string& consumer, const Uuid& id);

// A page of what the filter means, the oldest first, from behind a place on. Nothing may leave the process
// before the transaction has committed, and with it the row of the audit log.
Result<std::vector<LetterBytes>> export_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                                const LetterFilter& filter, std::int64_t page,
                                                const std::optional<LetterPlace>& behind);

}  // namespace tollgate::consumer
