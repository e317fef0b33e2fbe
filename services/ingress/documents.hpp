// What providers need to have read before they can tell whether a request is theirs: certificates, payments.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "http/client.hpp"
#include "ingress/fetch_budget.hpp"
#include "providers/provider.hpp"

namespace tollgate::ingress {

struct DocumentLimits {
    std::chrono::milliseconds timeout{2000};
    std::size_t bytes_max = std::size_t{256} << 10U;
    std::size_t kept_max = 256;
    std::size_t fetched_at_once_max = 32;  // of all sources
    FetchLimits of_source{};
};

// One GET that follows nothing: a client's.
using Fetch = std::function<boost::asio::awaitable<Result<http::ClientResponse>>(http::ClientRequest)>;

class Documents {
public:
    Documents(Fetch fetch, const DocumentLimits& limits)
        : fetch_{std::move(fetch)}, limits_{limits}, budget_{limits.of_source} {}

    // What is kept costs nothing; what is fetched counts once for who asks for it, with however many
    // authorizations. No failure tells that a request is wrong, so the sender shall come again:
    //   not_found        the provider has no such document
    //   unauthenticated  it lets none of the authorizations in
    //   rate_limited     the source's budget is spent
    //   overloaded, unavailable
    boost::asio::awaitable<Result<providers::Document>> get(const providers::DocumentRequest& wanted,
                                                            const Asker& asker);

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Kept {
        std::string body;
        TimePoint until;
    };

    // One try; `authorization` may be null.
    boost::asio::awaitable<Result<std::string>> fetch(const std::string& url, const Secret* authorization);
    std::optional<std::string> kept(const std::string& url, TimePoint now);
    void keep(const std::string& url, Kept document, TimePoint now);

    const Fetch fetch_;
    const DocumentLimits limits_;
    FetchBudget budget_;
    std::mutex mutex_;
    std::map<std::string, Kept> kept_;
    std::atomic<std::size_t> fetching_ = 0;
};

}  // namespace tollgate::ingress
