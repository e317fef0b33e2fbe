#include "relay/sender.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::relay {

using kafka::Deliveries;
using kafka::DeliveryFailure;
using kafka::Sequence;

namespace {

// Between two looks at what was acknowledged, and at the lease.
constexpr std::size_t records_per_step = 500;
constexpr std::chrono::milliseconds shortest_wait{1};
constexpr std::chrono::milliseconds longest_wait{100};

}  // namespace

Sender::Sender(kafka::Producer& producer, ReadAhead& read_ahead, std::string topic_prefix, Sequence last,
               RelayMetrics& metrics)
    : producer_{producer},
      read_ahead_{read_ahead},
      topic_prefix_{std::move(topic_prefix)},
      metrics_{metrics},
      last_{last} {}

Result<void> Sender::step() {
    full_ = false;
    if (const auto fetched = fetch(); !fetched) return fetched;
    if (stretch_) {
        if (const auto sent = send_some(); !sent) return sent;
    }
    // While there is more to send, acknowledgements are only collected.
    const bool waits = full_ || !stretch_;
    return hear(waits && !under_way_.empty() ? patience() : std::chrono::milliseconds{0});
}

// Waits for the journal where no broker is waited for.
Result<void> Sender::fetch() {
    if (stretch_) return {};
    auto taken = read_ahead_.take(under_way_.empty() ? longest_wait : std::chrono::milliseconds{0});
    if (taken) {
        stretch_ = std::move(*taken);
        if (stretch_) records_ = stretch_->read.records();
        next_ = 0;
        return {};
    }
    // An entry that this build does not know holds up nothing that was read before it.
    const bool goes_on = taken.error().code == ErrorCode::misconfigured && !under_way_.empty();
    return goes_on ? Result<void>{} : std::unexpected{taken.error()};
}

Result<void> Sender::send_some() {
    const std::size_t end = std::min(records_.size(), next_ + records_per_step);
    for (; next_ < end; ++next_) {
        Outgoing& record = records_[next_];
        const bool is_sent = record.refusal.empty() && !record.is_settled;
        const auto taken = is_sent ? send(record) : true;
        if (!taken) return std::unexpected{taken.error()};
        if (!*taken) {
            full_ = true;
            return {};
        }
        const journal::Position after = record.entry.after;
        under_way_.push_back({.sequence = ++last_,
                              .after = after,
                              .sent = is_sent,
                              .entry = std::move(record.entry),
                              .refusal = std::move(record.refusal),
                              .log_topic = is_sent ? topic_ : ""});
    }
    if (next_ < records_.size()) return {};
    under_way_.push_back({.sequence = last_, .after = stretch_->after});
    stretch_.reset();
    return {};
}

// False if it was not taken: there is no room, or one before it has failed, of which we shall hear.
Result<bool> Sender::send(const Outgoing& record) {
    topic_.assign(topic_prefix_).append(record.entry.topic);
    headers_.clear();
    for (const auto& [name, value] : record.headers) headers_.push_back({name, value});
    // The time of a record is that of its sending: by it brokers drop what is old, and a backlog is not.
    kafka::Record sent{.topic = topic_, .key = record.key, .value = record.value};
    sent.headers.swap(headers_);
    const auto taken = producer_.send(last_ + 1, sent);
    headers_.swap(sent.headers);
    if (taken) return true;
    const ErrorCode code = taken.error().code;
    if (code == ErrorCode::overloaded || code == ErrorCode::unavailable) return false;
    return std::unexpected{taken.error()};
}

std::chrono::milliseconds Sender::silence() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - news_at_);
}

// Short while brokers answer; long where they are away, so that waiting for them costs nothing.
std::chrono::milliseconds Sender::patience() const {
    return std::clamp(silence() / 8, shortest_wait, longest_wait);
}

Result<void> Sender::hear(std::chrono::milliseconds wait) {
    const Deliveries deliveries = producer_.poll(wait);
    pass(deliveries);
    metrics_.under_way.Set(static_cast<double>(deliveries.under_way));
    if (!deliveries.failure) return {};
    const DeliveryFailure& failure = *deliveries.failure;
    if (failure.kind == DeliveryFailure::Kind::refused) {
        refuse_first(failure);
        return fail(ErrorCode::refused, "{}", failure.why.detail);
    }
    metrics_.failed.Increment();
    return std::unexpected{failure.why};
}

void Sender::pass(const Deliveries& deliveries) {
    Progress progress;
    bool moved = false;
    auto place = deliveries.places.begin();
    while (!under_way_.empty() &&
           (!under_way_.front().sent || under_way_.front().sequence <= deliveries.acknowledged.value_or(0))) {
        Step& step = under_way_.front();
        if (step.sent) {
            metrics_.produced.Increment();
            // Each that was sent has one, in this order.
            progress.published.push_back({.entry = std::move(*step.entry),
                                          .log_topic = std::move(step.log_topic),
                                          .partition = place->partition,
                                          .offset = place->offset});
            ++place;
        }
        pass_first(progress);
        moved = true;
    }
    if (under_way_.empty() || moved) news_at_ = std::chrono::steady_clock::now();
    if (moved) read_ahead_.report(std::move(progress));
}

void Sender::pass_first(Progress& progress) {
    Step& step = under_way_.front();
    progress.position = step.after;
    progress.sequence = step.sequence;
    if (!step.refusal.empty())
        progress.refusals.push_back({.entry = std::move(*step.entry), .reason = std::move(step.refusal)});
    under_way_.pop_front();
}

// All before it is acknowledged, and passed.
void Sender::refuse_first(const DeliveryFailure& failure) {
    if (under_way_.empty() || under_way_.front().sequence != failure.sequence) return;
    under_way_.front().refusal = failure.why.detail;
    Progress progress;
    pass_first(progress);
    read_ahead_.report(std::move(progress));
}

Result<void> Sender::drain(std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    stretch_.reset();
    pass({});
    while (!under_way_.empty() && std::chrono::steady_clock::now() < end) {
        if (const auto heard = hear(patience()); !heard) return heard;
    }
    return {};
}

}  // namespace tollgate::relay
