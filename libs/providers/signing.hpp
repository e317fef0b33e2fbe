// What every deliver() does beside signing.
#pragma once

#include <string>
#include <string_view>

#include "providers/provider.hpp"

namespace tollgate::providers {

// What make_trust says of them: who signs learns of a wrong setting or secret as the operator does.
Result<std::shared_ptr<const Trust>> settings_are_good(const Provider& provider, std::string_view settings,
                                                       const Secret& secret);

// So many random bytes in hexadecimal digits, behind what a provider's secrets begin with.
Secret make_hex_secret(std::size_t bytes, std::string_view prefix = {});
// What most providers give: 64 digits.
Secret make_hex_secret();

std::string unix_seconds(Timestamp now);

void add_unless_there(http::Headers& headers, std::string_view name, std::string_view value);

// The sample's body and headers, and a Content-Type unless the sample has one.
Delivery delivery_of(const Sample& sample, std::string_view content_type);

// An id for what the sample names none for: the same for the same body, of the form of a UUID.
std::string id_from_body(std::string_view body);

}  // namespace tollgate::providers
