// What each client address has of a server at the moment, so that none has all of it. Only sources of this
// folder include it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "http/address.hpp"

namespace tollgate::http {

class AddressUses;

// Of one address; of IPv6, of one network.
class AddressUse {
public:
    AddressUse(AddressUses& among, const IpAddress& network) : among_{among}, network_{network} {}
    AddressUse(const AddressUse&) = delete;
    AddressUse& operator=(const AddressUse&) = delete;
    ~AddressUse();

    std::atomic<std::size_t> connections = 0;
    std::atomic<std::uint64_t> bodies_bytes = 0;

private:
    AddressUses& among_;
    const IpAddress network_;
};

class AddressUses {
public:
    // The same one for all who hold it at a time, and forgotten with the last of them. It takes a lock, so it
    // is for what happens once per connection, or where a proxy begins to speak for another client.
    std::shared_ptr<AddressUse> of(const IpAddress& address);

    std::size_t size() const;

private:
    friend AddressUse;
    void forget(const IpAddress& network);

    mutable std::mutex mutex_;
    std::unordered_map<IpAddress, std::weak_ptr<AddressUse>> uses_;
};

}  // namespace tollgate::http
