// Why a payment failed, by Razorpay's error_reason.
#pragma once

#include <span>

#include "providers/fill.hpp"

namespace tollgate::providers::razorpay {

// In order of code.
std::span<const CodeWords> error_reasons();

}  // namespace tollgate::providers::razorpay
