// Gathers the requests in flight into few commits: while one batch commits, the next gathers, so that a lone
// request waits for nobody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

#include "ingress/committer.hpp"

namespace tollgate::ingress {

struct GroupCommitSettings {
    std::size_t committers = 2;
    std::size_t batch_requests_max = 512;
    std::size_t batch_bytes_max = std::size_t{8} << 20U;  // a single request may be larger
    std::size_t queue_requests_max = 4096;
    std::size_t queue_bytes_max = std::size_t{64} << 20U;
    // Of one tenant: the others find room, whatever that one sends.
    std::size_t tenant_requests_max = 2048;
    std::size_t tenant_bytes_max = std::size_t{32} << 20U;
    // For a batch to become as large as those under way. One of them may wait for somebody's lock.
    std::chrono::milliseconds gather_max{10};
    // From being handed in. Shopify and Razorpay give up after 5 s, Slack after 3.
    std::chrono::milliseconds deadline{2500};
};

class GroupCommit {
public:
    // `announce` is called after each commit that put something on the journal. What is answered is counted.
    GroupCommit(const postgres::ConnectionSettings& connection, const GroupCommitSettings& settings,
                const std::function<void()>& announce, telemetry::Metrics& metrics, AnswerCounts& counts);
    // Settles what was handed in, within its deadlines.
    ~GroupCommit();
    // From here on refuses everything. Returns when what was handed in is settled.
    void close();
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    // The answer comes once, from another thread or, if the queue is full (overloaded) or has too much of the
    // tenant (rate_limited), at once.
    void submit(Events events, Answer answer);

private:
    void run(Committer& committer, const std::stop_token& stop);
    std::optional<Error> refusal(const Events& events, std::size_t bytes);
    bool is_due() const;
    std::vector<Pending> take(const std::stop_token& stop);
    void set_gauges();

    const GroupCommitSettings settings_;
    CommitMetrics metrics_;
    telemetry::Gauge& queued_requests_;
    telemetry::Gauge& queued_bytes_;
    telemetry::Counter& refused_;
    std::mutex mutex_;
    std::condition_variable_any filled_;
    // What waits of a tenant's.
    struct Line {
        std::deque<Pending> waiting;
        std::size_t bytes = 0;
    };
    std::unordered_map<Uuid, Line> lines_;  // none is empty
    std::deque<Uuid> turns_;                // whose the next is: each tenant once that has a line
    std::size_t queued_ = 0;                // requests, of all
    std::size_t bytes_ = 0;
    std::size_t batches_ = 0;   // under way
    std::size_t requests_ = 0;  // of these
    bool closed_ = false;
    StuckKeys stuck_;
    std::deque<Committer> committers_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace tollgate::ingress
