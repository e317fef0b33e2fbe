#include "http/resolver.hpp"

#include <array>
#include <cstring>
#include <stop_token>
#include <thread>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>

#include "core/bounded_queue.hpp"
#include "http/completion.hpp"

namespace tollgate::http {

namespace {

using Addresses = std::vector<IpAddress>;

struct Lookup {
    std::string host;
    Completion<Addresses> done;
};

IpAddress from_system(const addrinfo& entry) {
    // Copied out: the storage behind ai_addr is not aligned for the wider types.
    if (entry.ai_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, entry.ai_addr, sizeof address);
        std::array<std::uint8_t, 4> bytes{};
        std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
        return IpAddress::v4(bytes);
    }
    sockaddr_in6 address{};
    std::memcpy(&address, entry.ai_addr, sizeof address);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return IpAddress::v6(bytes);
}

Result<Addresses> look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* first = nullptr;
    const int status = getaddrinfo(host.c_str(), nullptr, &hints, &first);
    if (status != 0) {
        return fail(ErrorCode::unavailable, "the host {} cannot be resolved: {}", host, gai_strerror(status));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list{first, &freeaddrinfo};
    Addresses addresses;
    for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
            addresses.push_back(from_system(*entry));
    }
    if (addresses.empty()) return fail(ErrorCode::unavailable, "the host {} has no address", host);
    return addresses;
}

}  // namespace

class SystemResolver::Threads {
public:
    explicit Threads(const Settings& settings) : waiting_{settings.lookups_max} {
        for (std::size_t i = 0; i < settings.threads; ++i) {
            threads_.emplace_back([this](const std::stop_token& stop) {
                while (!stop.stop_requested()) {
                    if (auto lookup = waiting_.pop(stop)) lookup->done(look_up(lookup->host));
                }
            });
        }
    }

    void submit(Lookup lookup) {
        const Completion<Addresses> done = lookup.done;
        if (waiting_.try_push(std::move(lookup))) return;
        done(fail(ErrorCode::overloaded, "too many names are being looked up"));
    }

private:
    BoundedQueue<Lookup> waiting_;
    std::vector<std::jthread> threads_;  // last: they end before the queue does
};

SystemResolver::SystemResolver() : SystemResolver{Settings{}} {}

SystemResolver::SystemResolver(const Settings& settings) : threads_{std::make_unique<Threads>(settings)} {}

SystemResolver::~SystemResolver() = default;

boost::asio::awaitable<Result<Addresses>> SystemResolver::resolve(std::string host) {
    co_return co_await completed_by<Addresses>(
        [&](Completion<Addresses> done) { threads_->submit({std::move(host), std::move(done)}); });
}

}  // namespace tollgate::http
