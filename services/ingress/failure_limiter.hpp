// How often an address may be wrong about a source before nobody looks at what it sends: only failures count,
// so that a provider in good standing is never slowed down. An address may be several senders' (a provider's
// egress, a network behind one address): where the source's own sender was seen lately, more failures are put
// up with, so that another one behind the same address does not shut it out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "core/uuid.hpp"
#include "http/address.hpp"
#include "ingress/known_senders.hpp"

namespace tollgate::ingress {

struct FailureLimits {
    std::uint32_t per_second = 20;
    std::uint32_t burst = 200;
    // So many times both, where a request was verified lately.
    std::uint32_t known_factor = 10;
    std::chrono::minutes known_for = std::chrono::hours{24};
    // Pairs of address and source that are remembered; the one that was quiet for longest is forgotten.
    std::size_t remembered_max = 65'536;
};

class FailureLimiter {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit FailureLimiter(const FailureLimits& limits) : limits_{limits}, known_{limits.known_for} {}

    // `source` is all zeros for what leads to none.
    bool may_try(const http::IpAddress& address, const Uuid& source, TimePoint now);
    void failed(const http::IpAddress& address, const Uuid& source, TimePoint now);
    void verified(const http::IpAddress& address, const Uuid& source, TimePoint now);
    // Whether a request from there was verified lately.
    bool knows(const http::IpAddress& address, const Uuid& source, TimePoint now) const {
        return known_.knows(Hash{}(key_of(address, source)), now);
    }

private:
    struct Key {
        http::IpAddress network;
        Uuid source;

        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept;
    };
    struct Failures {
        Key key;
        double count = 0;  // shrinks with time
        TimePoint at;
    };

    static Key key_of(const http::IpAddress& address, const Uuid& source);
    std::uint32_t factor_of(const Key& key, TimePoint now) const;
    double count_at(const Failures& failures, TimePoint now) const;

    const FailureLimits limits_;
    KnownSenders known_;
    std::mutex mutex_;
    std::list<Failures> recent_;  // who failed last is first
    std::unordered_map<Key, std::list<Failures>::iterator, Hash> places_;
};

}  // namespace tollgate::ingress
