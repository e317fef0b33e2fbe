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
                         const std::function<void()>& announce, telemetry::Metrics& metrics,
                         AnswerCounts& counts)
    : settings_{settings},
      metrics_{metrics},
      queued_requests_{
          metrics.gauge("ingress_queue_requests", "Verified requests that wait to be committed.")},
      queued_bytes_{metrics.gauge("ingress_queue_bytes", "Bytes of the requests that wait to be committed.")},
      refused_{metrics.counter("ingress_queue_full_total", "Requests refused because the queue was full.")} {
    for (std::size_t i = 0; i < settings.committers; ++i)
        committers_.emplace_back(connection, announce, stuck_, metrics_, counts);
    for (Committer& committer : committers_)
        threads_.emplace_back([this, &committer](const std::stop_token& stop) { run(committer, stop); });
}

GroupCommit::~GroupCommit() {
    close();
}

void GroupCommit::close() {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    filled_.notify_all();
    for (std::jthread& thread : threads_) thread.request_stop();
    for (std::jthread& thread : threads_)
        if (thread.joinable()) thread.join();
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
    const Uuid tenant = events.front().event.tenant;
    Line& line = lines_[tenant];
    if (line.waiting.empty()) turns_.push_back(tenant);
    line.waiting.push_back({.events = std::move(events),
                            .answer = std::move(answer),
                            .deadline = std::chrono::steady_clock::now() + settings_.deadline});
    line.bytes += bytes;
    ++queued_;
    bytes_ += bytes;
    set_gauges();
    // At the first somebody begins to gather, for so long and no longer.
    const bool wakes = queued_ == 1 || is_due();
    lock.unlock();
    if (wakes) filled_.notify_one();
}

std::optional<Error> GroupCommit::refusal(const Events& events, std::size_t bytes) {
    const bool full = queued_ > 0 &&
                      (queued_ >= settings_.queue_requests_max || bytes_ + bytes > settings_.queue_bytes_max);
    if (full || closed_) return Error{ErrorCode::overloaded, "the queue of requests to be committed is full"};
    const auto line = lines_.find(events.front().event.tenant);
    if (line == lines_.end()) return std::nullopt;
    if (line->second.waiting.size() >= settings_.tenant_requests_max ||
        line->second.bytes + bytes > settings_.tenant_bytes_max)
        return Error{ErrorCode::rate_limited, "too many requests of this tenant wait to be committed"};
    return std::nullopt;
}

// Nobody waits while no batch is under way. Beside one that is, it is worth a commit of its own to be as
// large.
bool GroupCommit::is_due() const {
    return closed_ || (queued_ > 0 && queued_ * batches_ >= requests_);
}

// One of each tenant in turn, so that none waits behind all that another sends.
std::vector<Pending> GroupCommit::take(const std::stop_token& stop) {
    std::vector<Pending> batch;
    std::unique_lock lock{mutex_};
    do {
        filled_.wait(lock, stop, [this] { return queued_ > 0 || closed_; });
        filled_.wait_for(lock, stop, settings_.gather_max, [this] { return is_due(); });
        // Another may have taken all that was gathered.
    } while (queued_ == 0 && !closed_);
    std::size_t batch_bytes = 0;
    while (queued_ > 0 && batch.size() < settings_.batch_requests_max) {
        const Uuid tenant = turns_.front();
        Line& line = lines_.at(tenant);
        const std::size_t bytes = bytes_of(line.waiting.front().events);
        if (!batch.empty() && batch_bytes + bytes > settings_.batch_bytes_max) break;
        batch.push_back(std::move(line.waiting.front()));
        line.waiting.pop_front();
        line.bytes -= bytes;
        --queued_;
        batch_bytes += bytes;
        turns_.pop_front();
        if (line.waiting.empty()) {
            lines_.erase(tenant);
        } else {
            turns_.push_back(tenant);
        }
    }
    bytes_ -= batch_bytes;
    if (!batch.empty()) ++batches_;
    requests_ += batch.size();
    set_gauges();
    if (queued_ > 0) filled_.notify_one();
    return batch;
}

void GroupCommit::set_gauges() {
    queued_requests_.Set(static_cast<double>(queued_));
    queued_bytes_.Set(static_cast<double>(bytes_));
}

// Until the queue is closed and empty.
void GroupCommit::run(Committer& committer, const std::stop_token& stop) {
    for (;;) {
        std::vector<Pending> batch = take(stop);
        if (batch.empty()) return;
        committer.settle(batch, stop);
        const std::lock_guard lock{mutex_};
        --batches_;
        requests_ -= batch.size();
    }
}

}  // namespace tollgate::ingress
