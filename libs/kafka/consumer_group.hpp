// One member of a consumer group whose positions live with the caller, not in Kafka: on assignment it asks
// where to start, and it never moves a position by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/partition_list.hpp"
#include "kafka/record.hpp"
#include "kafka/settings.hpp"

namespace tollgate::kafka {

// Offsets that the broker works out, where a position may stand.
inline constexpr Offset from_the_latest = -1;
inline constexpr Offset from_the_earliest = -2;

struct PartitionOffset {
    TopicPartition partition;
    Offset offset = 0;

    bool operator==(const PartitionOffset&) const = default;
};

// The log holds [low, high).
struct Watermarks {
    Offset low = 0;
    Offset high = 0;
};

struct PartitionLag {
    TopicPartition partition;
    Offset next = 0;  // of the record that `poll` gives next
    Offset high = 0;  // as of the last fetch; a paused partition is not fetched

    std::int64_t records() const { return high - next; }
};

// Called from within `poll` and `close`, on their thread.
class AssignmentListener {
public:
    virtual ~AssignmentListener() = default;

    // Where to start, one for each partition in the same order. Nothing of them is fetched before the answer.
    // On failure `poll` returns it, and asks again the next time; the partitions are ours, and lie still
    // meanwhile.
    virtual Result<std::vector<Offset>> on_assigned(std::span<const TopicPartition> partitions) = 0;

    // They are given up when this returns. Everything polled has been handed over before, so what the caller
    // has done with it can still be saved.
    virtual void on_revoked(std::span<const TopicPartition> partitions) = 0;

    // They are gone already, and somebody else may be working on them: nothing about them may be saved.
    virtual void on_lost(std::span<const TopicPartition> partitions) = 0;
};

// A position that is not in the log. The partition lies still until `seek`.
struct OutOfRange {
    TopicPartition partition;
    Offset asked = 0;
    std::string why;
};

struct Polled {
    std::vector<ReceivedRecord> records;
    std::vector<OutOfRange> out_of_range;
    bool rebalanced = false;  // the listener was called
};

// For one thread. Fetching goes on in the background; everything else happens in these calls.
class ConsumerGroup {
public:
    // Joins in the background. The listener must outlive the group.
    static Result<std::unique_ptr<ConsumerGroup>> create(ConsumerSettings settings,
                                                         AssignmentListener& listener);

    // Closes, if that was not done, within five seconds.
    ~ConsumerGroup();
    ConsumerGroup(const ConsumerGroup&) = delete;
    ConsumerGroup& operator=(const ConsumerGroup&) = delete;

    // Waits up to `wait` for the first record or rebalance, and takes what is there up to the limits: one
    // record may go beyond that of the bytes. What
    // passes by itself (brokers away, a topic not there yet) is logged and waited through. A failure of the
    // listener passes too; `fenced` and other fatal errors do not, and the group is then good for nothing but
    // `close`.
    Result<Polled> poll(std::size_t records_max, std::chrono::milliseconds wait,
                        std::size_t bytes_max = std::numeric_limits<std::size_t>::max());

    // Goes on elsewhere; nothing that was fetched before is given any more. For partitions that are assigned.
    Result<void> seek(const TopicPartition& partition, Offset offset);

    // Paused partitions stay ours and are not fetched. Both are safe to repeat.
    Result<void> pause(std::span<const TopicPartition> partitions);
    Result<void> resume(std::span<const TopicPartition> partitions);

    // For tools that show lag, and nothing else: not waited for, left out during a rebalance.
    Result<void> commit(std::span<const PartitionOffset> offsets);
    // What was committed so; nothing for a partition where nothing was.
    Result<std::vector<std::optional<Offset>>> committed(std::span<const TopicPartition> partitions,
                                                         std::chrono::milliseconds deadline);

    // Asked of the broker.
    Result<Watermarks> watermarks(const TopicPartition& partition, std::chrono::milliseconds deadline);
    // Of every partition assigned of which something was fetched; asks nobody.
    std::vector<PartitionLag> lag() const;

    std::vector<TopicPartition> assigned() const;
    // Whether the group has told it which partitions are its own, perhaps none, and it has not lost them
    // since.
    bool is_assigned() const { return is_assigned_; }

    // It has failed for good: only a new one goes on.
    bool is_broken() const { return fatal_.has_value(); }

    // Gives everything up, by way of the listener, and leaves the group, so that others need not wait for the
    // session to end. `timed_out`: we are gone all the same, but the others do not know yet.
    Result<void> close(std::chrono::milliseconds deadline);

private:
    struct Callbacks;  // what librdkafka calls while it is polled
    struct Rebalance {
        bool assigns = false;
        bool lost = false;
        PartitionList partitions;
    };

    ConsumerGroup(ConsumerSettings settings, AssignmentListener& listener);

    Result<void> take_error(const rd_kafka_message_s& message, Polled& polled);
    void note_rebalance(int code, const rd_kafka_topic_partition_list_s& partitions);
    Result<void> settle_rebalances();
    Result<void> assign(const Rebalance& rebalance);
    void revoke(const Rebalance& rebalance);
    Result<void> check_assigned(std::span<const TopicPartition> partitions) const;
    bool has_joined() const;
    bool may_end(bool left) const;
    void await_first_assignment(std::chrono::steady_clock::time_point end);
    Result<void> leave(std::chrono::steady_clock::time_point end);

    ConsumerSettings settings_;
    AssignmentListener& listener_;
    std::shared_ptr<rd_kafka_s> client_;
    std::deque<Rebalance> pending_;              // told by librdkafka, which waits for our answer
    std::map<TopicPartition, Offset> assigned_;  // what the listener was told, and where it said to start
    std::set<TopicPartition> paused_;
    std::optional<Error> fatal_;
    std::optional<std::chrono::steady_clock::time_point> last_poll_;
    bool overslept_ = false;  // so whatever we held is lost
    bool was_assigned_ = false;
    bool is_assigned_ = false;
    bool closing_ = false;
};

}  // namespace tollgate::kafka
