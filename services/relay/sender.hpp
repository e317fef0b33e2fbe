// The broker's side of the relay: sends what was read ahead, in order, and reports how far all of it is
// acknowledged. From taking up at a position until something fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/producer.hpp"
#include "relay/read_ahead.hpp"
#include "relay/relay_metrics.hpp"

namespace tollgate::relay {

class Sender {
public:
    // The producer is fresh. Sequences go on after `last`, the one that the read-ahead began with: a record
    // that is sent again has the same one, by which the producer knows those that it must send alone.
    Sender(kafka::Producer& producer, ReadAhead& read_ahead, std::string topic_prefix, kafka::Sequence last,
           RelayMetrics& metrics);

    // Sends some, and waits a moment for news. After an error nothing of it goes on; `refused` if a record
    // was refused for good, which is then reported as set aside.
    Result<void> step();

    // Takes no more, and waits until what is under way is acknowledged, or the time is over.
    Result<void> drain(std::chrono::milliseconds deadline);

    // How long something has been under way without anything being acknowledged.
    std::chrono::milliseconds silence() const;

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    // What is passed once it is acknowledged: an entry, or the end of a stretch.
    struct Step {
        kafka::Sequence sequence = 0;
        journal::Position after;
        bool sent = false;
        std::optional<journal::Entry> entry{};
        std::string refusal{};
        std::string log_topic{};  // of what was sent
    };

    Result<void> fetch();
    Result<void> send_some();
    Result<bool> send(const Outgoing& record);
    Result<void> hear(std::chrono::milliseconds wait);
    void pass(const kafka::Deliveries& deliveries);
    void refuse_first(const kafka::DeliveryFailure& failure);
    void pass_first(Progress& progress);
    std::chrono::milliseconds patience() const;

    kafka::Producer& producer_;
    ReadAhead& read_ahead_;
    const std::string topic_prefix_;
    RelayMetrics& metrics_;
    kafka::Sequence last_;  // given to a record

    std::optional<Stretch> stretch_;  // that is being sent
    std::vector<Outgoing> records_;   // of it
    std::size_t next_ = 0;            // of these
    bool full_ = false;               // the producer has no room
    std::deque<Step> under_way_;
    SteadyTime news_at_ = std::chrono::steady_clock::now();
    std::string topic_;                   // that names were made for last
    std::vector<kafka::Header> headers_;  // likewise: kept, so that memory is
};

}  // namespace tollgate::relay
