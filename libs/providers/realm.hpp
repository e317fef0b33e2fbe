// Which objects of a provider an id can mean: what bookkeeping by a provider's ids has in its keys beside the
// tenant, the provider and whether it is a test.
#pragma once

#include <string>
#include <string_view>

#include "events/payment_event.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

// Equal for two events in which one id is one object: empty where ids are unique everywhere, else
// "account/..." or "source/...". Of a provider that says "in account", an event without an account is known
// by its source. May be as long as an account is. Pure.
std::string realm_of(UniqueIds unique, std::string_view account, std::string_view source);

// By what the event's provider says; of one that is not in the catalogue, by its source.
std::string realm_of(const v1::PaymentEvent& event);

}  // namespace tollgate::providers
