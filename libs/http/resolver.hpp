// From a host's name to its addresses.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/result.hpp"
#include "http/address.hpp"

namespace tollgate::http {

class Resolver {
public:
    virtual ~Resolver() = default;
    // At least one address, or an error. Never blocks the thread that awaits it.
    virtual boost::asio::awaitable<Result<std::vector<IpAddress>>> resolve(std::string host) = 0;
};

// The system's own (getaddrinfo) on a few threads: Asio has one per event loop, on which a single slow
// name server would hold up every other destination.
class SystemResolver final : public Resolver {
public:
    struct Settings {
        std::size_t threads = 4;
        std::size_t lookups_max = 256;  // waiting or under way; beyond: overloaded
    };

    SystemResolver();
    explicit SystemResolver(const Settings& settings);
    // Waits for the lookups under way, which the system bounds (resolv.conf).
    ~SystemResolver() override;

    boost::asio::awaitable<Result<std::vector<IpAddress>>> resolve(std::string host) override;

private:
    class Threads;
    std::unique_ptr<Threads> threads_;
};

}  // namespace tollgate::http
