// What the sessions of one server share, on all its threads, and the shares that each takes of it. Only
// sources of this folder include it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "http/address_uses.hpp"
#include "http/server.hpp"
#include "telemetry/sparse_line.hpp"

namespace tollgate::http {

struct Serving {
    Router router;
    Observer observer;
    ServerLimits limits;
    TrustedProxies trusted_proxies;
    AddressUses addresses;
    std::atomic<std::size_t> connections = 0;  // with those that are only told why they are not served
    std::atomic<std::size_t> served = 0;       // of these
    std::atomic<std::size_t> requests_in_flight = 0;
    std::atomic<std::uint64_t> bodies_bytes = 0;
    std::atomic<bool> leaving = false;  // each answer says that it is the connection's last
    std::atomic<bool> draining = false;
    std::mutex mutex;
    std::condition_variable connection_ended;  // notified while leaving or draining
    std::array<telemetry::SparseLine, limit_count> lines;

    // Says in the log, once a minute, that this limit is met.
    void tell(Limit limit, const IpAddress& address);
    void end_connection();
};

// A connection's place among all, and among those of its address, as long as it lives.
class ConnectionPlace {
public:
    // On the accepting thread alone: what is free stays free until it is taken.
    ConnectionPlace(Serving& serving, const IpAddress& peer);
    ~ConnectionPlace();
    ConnectionPlace(const ConnectionPlace&) = delete;
    ConnectionPlace& operator=(const ConnectionPlace&) = delete;

    // What keeps it from being served.
    Limit limit() const { return limit_; }
    // Those who are told so are limited too; further ones are closed without a word.
    bool is_silent() const { return limit_ != Limit::none && is_silent_; }
    // Another one makes way for it.
    void admit();

    // Null for a proxy of ours, which is no sender.
    const std::shared_ptr<AddressUse>& use() const { return use_; }

private:
    Serving& serving_;
    std::shared_ptr<AddressUse> use_;
    Limit limit_ = Limit::none;
    bool is_silent_ = false;
};

// The share of one request's body in what all bodies together may have, and in what those of its address
// may, until the request is answered.
class BodyShare {
public:
    // `use` is null where nobody knows whose it is.
    BodyShare(Serving& serving, AddressUse* use) : serving_{serving}, use_{use} {}
    BodyShare(const BodyShare&) = delete;
    BodyShare& operator=(const BodyShare&) = delete;
    ~BodyShare() {
        serving_.bodies_bytes -= bytes_;
        if (use_ != nullptr) use_->bodies_bytes -= bytes_;
    }

    // Which limit is met, if one is.
    Limit grow_to(std::uint64_t bytes) {
        if (bytes <= bytes_) return Limit::none;
        const std::uint64_t more = bytes - bytes_;
        bytes_ = bytes;
        const std::uint64_t of_all = serving_.bodies_bytes += more;
        const std::uint64_t of_address = use_ == nullptr ? 0 : use_->bodies_bytes += more;
        if (of_address > serving_.limits.bodies_bytes_per_address_max) return Limit::bodies_bytes_per_address;
        return of_all > serving_.limits.bodies_bytes_max ? Limit::bodies_bytes : Limit::none;
    }

private:
    Serving& serving_;
    AddressUse* const use_;
    std::uint64_t bytes_ = 0;
};

}  // namespace tollgate::http
