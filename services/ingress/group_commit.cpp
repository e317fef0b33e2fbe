#include "ingress/group_commit.hpp"

#include <utility>

namespace tollgate::ingress {

namespace {

// What is kept in memory for it, near enough.
std::size_t bytes_of(const Events& events) {
    constexpr std::size_t each = 512;
    std::size_t bytes = 0;
    for (const NewEvent& event : events) bytes += each + event.event.body.size() + event.event.headers.size();
    return bytes;
}

}  // namespace

GroupCommit::GroupCommit(const postgres::ConnectionSettings& connection, const GroupCommitSettings& settings,
                         std::function<void()> announce, telemetry::Metrics& metrics)
    : settings_{settings},
      metrics_{metrics},
      queued_{metrics.gauge("queue_requests", "Verified requests that wait to be committed.")},
      queued_bytes_{metrics.gauge("queue_bytes", "Bytes of the requests that wait to be committed.")},
      refused_{metrics.counter("queue_full_total", "Requests refused because the queue was full.")} {
    for (std::size_t i = 0; i < settings.committers; ++i)
        committers_.emplace_back(connection, announce, metrics_);
    for (Committer& committer : committers_)
        threads_.emplace_back([this, &committer](const std::stop_token& stop) { run(committer, stop); });
}

GroupCommit::~GroupCommit() {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    filled_.notify_all();
}

void GroupCommit::submit(Events events, Answer answer) {
    const std::size_t bytes = bytes_of(events);
    {
        const std::lock_guard lock{mutex_};
        const bool fits = queue_.empty() || (queue_.size() < settings_.queue_requests_max &&
                                             bytes_ + bytes <= settings_.queue_bytes_max);
        if (fits && !closed_) {
            queue_.push_back({.events = std::move(events),
                              .answer = std::move(answer),
                              .deadline = std::chrono::steady_clock::now() + settings_.deadline});
            bytes_ += bytes;
            set_gauges();
            filled_.notify_one();
            return;
        }
    }
    refused_.Increment();
    answer(fail(ErrorCode::overloaded, "the queue of requests to be committed is full"));
}

std::vector<Pending> GroupCommit::take(const std::stop_token& stop) {
    std::vector<Pending> batch;
    std::unique_lock lock{mutex_};
    filled_.wait(lock, stop, [this] { return !queue_.empty() || closed_; });
    std::size_t batch_bytes = 0;
    while (!queue_.empty() && batch.size() < settings_.batch_requests_max) {
        const std::size_t bytes = bytes_of(queue_.front().events);
        if (!batch.empty() && batch_bytes + bytes > settings_.batch_bytes_max) break;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
        batch_bytes += bytes;
    }
    bytes_ -= batch_bytes;
    set_gauges();
    return batch;
}

void GroupCommit::set_gauges() {
    queued_.Set(static_cast<double>(queue_.size()));
    queued_bytes_.Set(static_cast<double>(bytes_));
}

// Until the queue is closed and empty.
void GroupCommit::run(Committer& committer, const std::stop_token& stop) {
    for (;;) {
        std::vector<Pending> batch = take(stop);
        if (batch.empty()) return;
        committer.settle(batch, stop);
    }
}

}  // namespace tollgate::ingress
