// Why a payment failed, by the codes that Stripe gives: a bank's decline codes and its own error codes.
#pragma once

#include <span>

#include "providers/fill.hpp"

namespace tollgate::providers::stripe {

// In order of code.
std::span<const CodeWords> decline_codes();

}  // namespace tollgate::providers::stripe
