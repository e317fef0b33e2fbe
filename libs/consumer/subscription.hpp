// What a consumer reads from: the journal, or a Kafka topic. One thread polls, works and commits.
//
//   while (!stop.stop_requested()) {
//       const auto batch = subscription.poll(500, std::chrono::seconds{1}, stop);
//       if (!batch) { log; pause; continue; }
//       const auto done = subscription.commit(*batch, batch->messages.size(), [&](Transaction& tx) { ... });
//       if (!done) pause;  // and the next poll gives the same messages again
//   }
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "consumer/message.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

struct Batch {
    std::uint64_t number = 0;
    std::vector<Message> messages;
};

// All but pause and resume is for one thread.
class Subscription {
public:
    Subscription() = default;
    virtual ~Subscription() = default;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    // The next messages in their order. Waits for the first of them, and gives none when the time is over, at
    // a stop, while paused, and while others read. Also takes part in who reads: call it again soon.
    //
    // What the batch before has brought and was not committed comes again. So it does after a crash, and
    // wherever it is not known whether a commit has happened.
    //
    // A failure passes by itself (`fenced` too: somebody else reads by now), except for `misconfigured`,
    // `not_found` (the reader was retired) and `internal`.
    Result<Batch> poll(std::size_t messages_max, std::chrono::milliseconds wait, const std::stop_token& stop);

    using Work = std::function<Result<void>(postgres::Transaction&)>;

    // One transaction: the work, and the position after the first `count` messages of the batch. Both or
    // neither; `fenced`, and neither, if another member has taken over. Only of the batch polled last, which
    // may be committed in several steps, each with a larger count, and tried again after a failure.
    Result<void> commit(const Batch& batch, std::size_t count, const Work& work);

    // From any thread. While paused nothing is given, and what was taken (lease, partitions) is kept.
    void pause() { paused_ = true; }
    void resume() { paused_ = false; }
    bool is_paused() const { return paused_; }

    // Whether this member reads, or stands by for others who do. As of the last poll.
    virtual bool is_reading() const = 0;

    // Whether this member may run rows of work, which need no bus.
    virtual bool may_run_rows() const { return is_reading(); }

    // How often something (the lease, partitions) came to this member: whoever had it may have ended in the
    // middle of its work.
    std::uint64_t takings() const { return takings_; }

    // How many messages this member has before it that are not committed; none while it stands by. Of the
    // journal about so many, entries of other topics included, and 0 only if there is none. Of Kafka as of
    // the last fetch.
    virtual Result<std::int64_t> lag() = 0;

protected:
    // Some of what comes next; may be none before the wait is over.
    virtual Result<std::vector<Message>> fetch(std::size_t messages_max, std::chrono::milliseconds wait,
                                               const std::stop_token& stop) = 0;
    // What was given and not committed is to be fetched again.
    virtual void go_back() = 0;
    // For the transaction of the work.
    virtual Result<postgres::Connection*> connection() = 0;
    // Within it, after the work: all of these are done. `last`: and with them the batch. Throws SqlError.
    virtual void move(postgres::Transaction& tx, std::span<const Message> done, bool last) = 0;
    // It was committed.
    virtual void moved(std::span<const Message> done) = 0;
    void count_taking() { ++takings_; }

private:
    std::atomic<bool> paused_ = false;
    std::uint64_t takings_ = 0;
    std::uint64_t number_ = 0;  // of the batch polled last
    std::size_t given_ = 0;     // messages of it
    std::size_t committed_ = 0;
};

}  // namespace tollgate::consumer
