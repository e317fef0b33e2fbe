// What providers need to have read before they can tell whether a request is theirs: certificates, payments.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "http/client.hpp"
#include "providers/provider.hpp"

namespace tollgate::ingress {

struct DocumentLimits {
    std::chrono::milliseconds timeout{2000};
    std::size_t bytes_max = std::size_t{256} << 10U;
    std::size_t kept_max = 256;
    std::size_t fetched_at_once_max = 32;
};

class Documents {
public:
    Documents(http::Client client, const DocumentLimits& limits)
        : client_{std::move(client)}, limits_{limits} {}

    // Any failure is ours to the sender, who shall come again: unavailable or overloaded.
    boost::asio::awaitable<Result<std::string>> get(const providers::DocumentRequest& wanted);

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Kept {
        std::string body;
        TimePoint until;
    };

    std::optional<std::string> kept(const std::string& url, TimePoint now);
    void keep(const std::string& url, Kept document, TimePoint now);

    const http::Client client_;
    const DocumentLimits limits_;
    std::mutex mutex_;
    std::map<std::string, Kept> kept_;
    std::atomic<std::size_t> fetching_ = 0;
};

}  // namespace tollgate::ingress
