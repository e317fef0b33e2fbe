// librdkafka's error codes in our words. For the other files of this library only; codes are passed as int so
// that no header needs rdkafka.h.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::kafka {

// "Broker: Message size too large (MSG_SIZE_TOO_LARGE)"
std::string describe(int code);

// The code's sentence after `what`: "topic tollgate.raw: Broker: ...". `detail` replaces the general sentence
// where librdkafka has a better one.
Error to_error(int code, std::string_view what, std::string_view detail = {});

// True if the same record can never be accepted, so that trying again is pointless.
bool is_refusal(int code);

}  // namespace tollgate::kafka
