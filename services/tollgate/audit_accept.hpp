// What an audit finds and no command can mend any more, as the gap that a killed process leaves: an operator
// says that it was looked into, and from then on the audit is in order without it.
#pragma once

#include <string_view>
#include <vector>

#include "tenants/actor.hpp"
#include "tollgate/balance.hpp"

namespace tollgate {

// Of the others something is to be done: they go when it is.
bool can_be_accepted(const Imbalance& found);

// A row in the audit log for each that can be; how many these were.
Result<std::int64_t> accept_imbalances(postgres::Transaction& tx, const tenants::Actor& actor,
                                       const std::vector<Imbalance>& found, std::string_view reason);

// Takes out those that were accepted, as long as they have not grown since; how many these were.
std::size_t leave_out_accepted(postgres::Transaction& tx, std::vector<Imbalance>& found);

}  // namespace tollgate
