// What every deliver() does beside signing.
#pragma once

#include <string>
#include <string_view>

#include "providers/provider.hpp"

namespace tollgate::providers {

// What make_trust says of them: who signs learns of a wrong setting or secret as the operator does.
Result<std::shared_ptr<const Trust>> settings_are_good(const Provider& provider, std::string_view settings,
                                                       const Secret& secret);

// What most providers give: 64 hexadecimal digits.
Secret make_hex_secret();

std::string unix_seconds(Timestamp now);

// The sample's body and headers, and a Content-Type unless the sample has one.
Delivery delivery_of(const Sample& sample, std::string_view content_type);

// An id for what the sample names none for: the same for the same body, of the form of a UUID.
std::string id_from_body(std::string_view body);

}  // namespace tollgate::providers
