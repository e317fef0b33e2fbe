// Calls to other systems, many at once, that nobody waits for longer than a time box. What comes later is
// there for who asks next. A peer that fails again and again is left alone for a while, so that it delays
// nobody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "enrichment/lookup_metrics.hpp"
#include "http/client.hpp"
#include "http/io_threads.hpp"

namespace tollgate::enrichment {

struct CallLimits {
    std::size_t under_way_max = 32;
    int failures_max = 3;  // in a row, before the peer is left alone
    std::chrono::milliseconds pause{std::chrono::seconds{30}};
    std::chrono::milliseconds pause_max{std::chrono::hours{1}};  // however long it asks for
};

struct Call {
    std::string peer;  // who is asked
    std::string key;   // for what; one call for it at a time
    http::ClientRequest request;
};

struct Answer {
    std::string peer;
    std::string key;
    Result<http::ClientResponse> response;
};

class Calls {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Calls(http::Client client, const CallLimits& limits, const LookupMetrics& metrics)
        : limits_{limits}, metrics_{metrics}, client_{std::move(client)} {}
    // Waits for what is under way, each of which has its own time.
    ~Calls() = default;
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    // Those that there is room for, of peers that are not left alone.
    void start(std::vector<Call> calls);
    // What has come by now.
    std::vector<Answer> take();
    // When all that was started last is answered, or then. Answers to earlier calls are among them.
    std::vector<Answer> collect(SteadyTime end);

private:
    struct Peer {
        int failures = 0;
        SteadyTime not_before{};
    };
    using Place = std::pair<std::string, std::string>;  // peer and key

    boost::asio::awaitable<void> carry_out(Call call);
    void take(Call call, Result<http::ClientResponse> response);
    // Whether it failed, and whether who was asked is left alone from now on.
    bool judge(const std::string& peer, const Result<http::ClientResponse>& response);

    const CallLimits limits_;
    const LookupMetrics metrics_;
    std::mutex mutex_;
    std::condition_variable answered_;
    std::map<std::string, Peer> peers_;
    std::set<Place> under_way_;
    std::vector<Place> awaited_;
    std::vector<Answer> answers_;
    const http::Client client_;
    http::IoThreads threads_{1};  // last: what runs on it uses all of the above
};

}  // namespace tollgate::enrichment
