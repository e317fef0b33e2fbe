// How entries come into the journal: in the transaction of the state that they follow from.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::journal {

struct NewEntry {
    Uuid tenant;
    std::string topic;
    Uuid event_id;
    std::optional<std::string> headers = std::nullopt;  // a JSON object: what a dead letter adds
};

// In this order. Throws SqlError, as a statement does.
//
// Who appends in one statement with what the entries follow from says the same himself:
//   insert into journal.entry (child, tenant, topic, event_id)
//       select s.child, ... from journal.state s, ... order by ...
void append(postgres::Transaction& transaction, std::span<const NewEntry> entries);

}  // namespace tollgate::journal
