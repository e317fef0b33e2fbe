// Which addresses a client may connect to. It judges the address that is then connected to, never a name
// or a spelling, so no notation and no second DNS answer gets round it.
#pragma once

#include <functional>

#include "core/result.hpp"
#include "http/address.hpp"

namespace tollgate::http {

// An error says why not; it reaches operators, who see which destination points where it must not.
using AddressPolicy = std::function<Result<void>(const IpAddress&)>;

// For every URL that a tenant can set: only addresses that are globally reachable. Refuses loopback,
// private, link-local (cloud metadata), shared, multicast, reserved and documentation ranges, and what
// wraps an IPv4 address (NAT64, 6to4, Teredo); a mapped address is judged as the IPv4 address that it is.
Result<void> public_addresses_only(const IpAddress& address);

// For internal services named in the deployment's own configuration.
Result<void> any_address(const IpAddress& address);

}  // namespace tollgate::http
