// The journal's side of the relay, on a thread of its own: reads entries and what their records are made of,
// while the producer works, and saves how far the producer has got. All of it on one connection, so that
// whoever takes over fences all of it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "archive/bus_events.hpp"
#include "journal/published.hpp"
#include "journal/reader.hpp"
#include "journal/refused.hpp"
#include "kafka/delivery_window.hpp"
#include "relay/outgoing.hpp"
#include "relay/relay_metrics.hpp"

namespace tollgate::relay {

struct ReadAheadSettings {
    std::size_t batch_records_max = 1000;
    std::uint64_t ahead_bytes_max = std::uint64_t{32} << 20U;  // that wait to be sent
    std::chrono::milliseconds save_every{250};
    archive::BusLimits bodies{};
};

// How far all is done: acknowledged, or set aside.
struct Progress {
    journal::Position position;
    kafka::Sequence sequence = 0;  // of the last one
    std::vector<journal::Refusal> refusals;
    std::vector<journal::Published> published;
};

class ReadAhead {
public:
    // Begins to read. The reader is this thread's alone until `finish` has returned.
    ReadAhead(postgres::Connection& connection, journal::Reader& reader, journal::ReaderIdentity identity,
              const ReadAheadSettings& settings, kafka::Sequence last_sequence, RelayMetrics& metrics);
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    // The next stretch; nothing if none comes in time. `misconfigured`: an entry comes that this build cannot
    // send, and all before it was taken. After another error nothing of what was read counts.
    Result<std::optional<Stretch>> take(std::chrono::milliseconds wait);

    // Saved soon, in one transaction with what was published, and refused.
    void report(Progress progress);

    // Ends the thread and saves what was reported. Not where somebody else may read by now.
    Result<void> finish();

    // Of the last record whose position is saved. After `finish`.
    kafka::Sequence saved_sequence() const { return saved_sequence_; }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run(const std::stop_token& stop);
    Result<void> read_on(const std::stop_token& stop);
    Result<void> read_events(const journal::Batch& batch, const std::stop_token& stop);
    Result<void> hand_over(Stretch stretch, const std::stop_token& stop);
    Result<void> save_if_due();
    Result<void> save();
    void join();

    postgres::Connection& connection_;
    journal::Reader& reader_;
    const journal::ReaderIdentity identity_;
    const ReadAheadSettings settings_;
    RelayMetrics& metrics_;
    kafka::Sequence saved_sequence_;
    SteadyTime save_at_;

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Stretch> ahead_;
    std::uint64_t ahead_bytes_ = 0;
    std::optional<Progress> unsaved_;
    std::optional<Error> failure_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::relay
