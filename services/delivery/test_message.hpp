// What is sent to see whether a destination works.
#pragma once

#include "delivery/message.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::delivery {

Message test_message(const tenants::OpenDestination& destination);

}  // namespace tollgate::delivery
