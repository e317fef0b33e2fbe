// Payment events as they are written down, in protobuf's text format: golden/PROVIDER/TYPE.txt. With
// TOLLGATE_WRITE_GOLDEN=1 the files are written instead of compared; read each line of `git diff` then,
// because this is all that says what is right.
#pragma once

#include <string_view>

#include "events/payment_event.hpp"

namespace tollgate::providers::testing {

// `name` is the file's, without its folder and its end.
void check_written(std::string_view name, const events::PaymentEvent& event);

}  // namespace tollgate::providers::testing
