#include "consumer/subscription.hpp"

#include <algorithm>

namespace tollgate::consumer {

namespace {

// How long a stop may go unnoticed.
constexpr std::chrono::milliseconds glance{250};

}  // namespace

Result<Batch> Subscription::poll(std::size_t messages_max, std::chrono::milliseconds wait,
                                 const std::stop_token& stop) {
    if (committed_ < given_) go_back();
    given_ = 0;
    committed_ = 0;
    Batch batch{.number = ++number_, .messages = {}};
    const auto end = std::chrono::steady_clock::now() + wait;
    auto left = wait;
    do {
        auto fetched = fetch(std::max<std::size_t>(messages_max, 1), std::clamp(left, {}, glance), stop);
        if (!fetched) return std::unexpected{fetched.error()};
        batch.messages = std::move(*fetched);
        left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    } while (batch.messages.empty() && left.count() > 0 && !stop.stop_requested());
    given_ = batch.messages.size();
    return batch;
}

Result<void> Subscription::commit(const Batch& batch, std::size_t count, const Work& work) {
    if (batch.number != number_ || count > given_ || count < committed_) {
        return fail(ErrorCode::internal,
                    "{} messages of batch {} cannot be committed: {} of {} were, of batch {}", count,
                    batch.number, committed_, given_, number_);
    }
    const auto line = connection();
    if (!line) return std::unexpected{line.error()};
    const auto done = std::span{batch.messages}.first(count);
    const bool last = count == given_;
    const auto outcome = postgres::transact(**line, [&](postgres::Transaction& tx) -> Result<void> {
        if (auto worked = work(tx); !worked) return worked;
        if (!done.empty()) move(tx, done, last);
        return {};
    });
    if (!outcome) return outcome;
    committed_ = count;
    if (!done.empty()) moved(done);
    return {};
}

}  // namespace tollgate::consumer
