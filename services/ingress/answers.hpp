// What the sender is told, in the form of the place that it sent to.
#pragma once

#include <span>

#include "http/response.hpp"
#include "ingress/places.hpp"
#include "ingress/submission.hpp"
#include "providers/provider.hpp"

namespace tollgate::ingress {

// The items are those of the receipt, in the same order. A provider that must read something is told that,
// and our id in the header alone.
http::Response answer(const providers::Provider& provider, Form form, const Receipt& receipt,
                      std::span<const providers::Item> items);

}  // namespace tollgate::ingress
