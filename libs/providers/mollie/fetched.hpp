// What a classic request names, read back from Mollie.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/provider.hpp"

namespace tollgate::providers::mollie {

// Of the one resource that the body names; empty if it names none that is to be had.
std::string url_of(std::string_view body);

// The resource as it is now. Of a payment each of its refunds and chargebacks is an event too, and comes
// again with every other: it is known by its id and its state.
Result<std::vector<Item>> identify_fetched(const std::string& document);

}  // namespace tollgate::providers::mollie
