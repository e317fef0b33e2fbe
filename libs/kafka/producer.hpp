// Sends records in order and tells up to where all of them are acknowledged. After a failure nothing more is
// acknowledged until `restart`, from where the caller sends again: a gap is impossible, a repeat is not.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/result.hpp"
#include "kafka/delivery_window.hpp"
#include "kafka/record.hpp"
#include "kafka/settings.hpp"
#include "kafka/statistics.hpp"

namespace tollgate::kafka {

struct DeliveryFailure {
    enum class Kind {
        // Restart, and send again everything that is not acknowledged. Waiting a little first is the caller's
        // business; nothing is condemned, also when the topic is missing or forbidden.
        broken,
        // This one record can never be accepted, and everything before it is acknowledged: set it aside,
        // restart, and go on after it.
        refused,
    };

    Kind kind = Kind::broken;
    // Of those known to have failed by themselves the first, in the order of sending.
    Sequence sequence = 0;
    Error why;
};

struct Deliveries {
    std::optional<Sequence> acknowledged;  // it and all sent before it; nothing yet since the last restart
    std::optional<DeliveryFailure> failure;
    std::size_t under_way = 0;  // sent, and not within `acknowledged`
    // Of those that came within `acknowledged` since it was last told, each once and in the order of sending.
    std::vector<Place> places{};
};

class ProducerInstance;

// For one thread at a time. Nothing calls back. What is under way when it goes is thrown away.
class Producer {
public:
    // Validates and starts; brokers that are not there are waited for.
    static Result<Producer> create(ProducerSettings settings);
    ~Producer();
    Producer(Producer&& other) noexcept;
    Producer& operator=(Producer&& other) noexcept;

    // Sequences are the caller's own and only grow. `overloaded`: the queue is full (or a record that may be
    // at fault must go alone): poll, and try the same again. `unavailable`: a record has failed; poll says
    // which. Once taken, everything else about the record is told by `poll`. Nothing blocks.
    Result<void> send(Sequence sequence, const Record& record);

    // Serves delivery reports for up to `wait`, and returns earlier when there is news.
    Deliveries poll(std::chrono::milliseconds wait);

    // Polls until everything is acknowledged, something has failed, or the time is over.
    Deliveries flush(std::chrono::milliseconds deadline);

    // Throws away whatever is under way (it may still arrive at a broker) and begins a new generation, which
    // no report of an earlier one can reach. After it, send from the first record that is not acknowledged.
    Result<void> restart();

    std::uint64_t generation() const { return generation_; }
    ProducerStatistics statistics() const;

private:
    Producer(ProducerSettings settings, std::unique_ptr<ProducerInstance> instance);
    Deliveries deliveries();

    ProducerSettings settings_;
    std::unique_ptr<ProducerInstance> instance_;
    std::uint64_t generation_ = 1;
    // A broker refuses batches, not records. Those of a refused batch are sent again one at a time, so that
    // only the one at fault is condemned.
    std::set<Sequence> suspects_;
    bool suspect_under_way_ = false;
};

}  // namespace tollgate::kafka
