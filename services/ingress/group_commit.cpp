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
                         const std::function<void()>& announce, telemetry::Metrics& metrics)
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
    std::unique_lock lock{mutex_};
    if (auto refused = refusal(events, bytes)) {
        lock.unlock();
        refused_.Increment();
        answer(std::unexpected{std::move(*refused)});
        return;
    }
    ++by_tenant_[events.front().event.tenant];
    queue_.push_back({.events = std::move(events),
                      .answer = std::move(answer),
                      .deadline = std::chrono::steady_clock::now() + settings_.deadline});
    bytes_ += bytes;
    set_gauges();
    lock.unlock();
    filled_.notify_one();
}

std::optional<Error> GroupCommit::refusal(const Events& events, std::size_t bytes) {
    const bool full = !queue_.empty() && (queue_.size() >= settings_.queue_requests_max ||
                                          bytes_ + bytes > settings_.queue_bytes_max);
    if (full || closed_) return Error{ErrorCode::overloaded, "the queue of requests to be committed is full"};
    const auto of_tenant = by_tenant_.find(events.front().event.tenant);
    if (of_tenant != by_tenant_.end() && of_tenant->second >= settings_.tenant_requests_max)
        return Error{ErrorCode::rate_limited, "too many requests of this tenant wait to be committed"};
    return std::nullopt;
}

std::vector<Pending> GroupCommit::take(const std::stop_token& stop) {
    std::vector<Pending> batch;
    std::unique_lock lock{mutex_};
    filled_.wait(lock, stop, [this] { return !queue_.empty() || closed_; });
    std::size_t batch_bytes = 0;
    while (!queue_.empty() && batch.size() < settings_.batch_requests_max) {
        const std::size_t bytes = bytes_of(queue_.front().events);
        if (!batch.empty() && batch_bytes + bytes > settings_.batch_bytes_max) break;
        const auto of_tenant = by_tenant_.find(queue_.front().events.front().event.tenant);
        if (--of_tenant->second == 0) by_tenant_.erase(of_tenant);
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
