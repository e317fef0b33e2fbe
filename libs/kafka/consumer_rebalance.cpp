// How partitions come and go, and how the group is left.
#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "kafka/client.hpp"
#include "kafka/consumer_group.hpp"
#include "kafka/errors.hpp"
#include "telemetry/log.hpp"

namespace tollgate::kafka {

namespace {

namespace log = telemetry::log;

using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

// librdkafka before 2.3 aborts the process when a cooperative consumer ends between joining its group and its
// first assignment (its issue 4312).
constexpr int first_that_may_end_unassigned = 0x02030000;

// Where such consumers stay, with their threads, until the process ends.
void keep_for_ever(Client client) {
    static std::mutex mutex;
    static auto* const kept = new std::vector<Client>;
    const std::lock_guard lock{mutex};
    kept->push_back(std::move(client));
}

// Of an answer to a rebalance; none is worth more than a log, because librdkafka goes on by itself.
bool accepted(rd_kafka_error_t* failure, std::string_view group, std::string_view answer) {
    if (failure == nullptr) return true;
    log::warning("librdkafka did not take an answer to a rebalance",
                 {{"group", group}, {"answer", answer}, {"error", rd_kafka_error_string(failure)}});
    rd_kafka_error_destroy(failure);
    return false;
}

}  // namespace

void ConsumerGroup::note_rebalance(int code, const rd_kafka_topic_partition_list_s& partitions) {
    pending_.push_back({.assigns = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
                        .lost = overslept_ || rd_kafka_assignment_lost(client_.get()) == 1,
                        .partitions = copy_list(partitions)});
    rd_kafka_yield(client_.get());  // back to `poll`, which acts on it
}

Result<void> ConsumerGroup::settle_rebalances() {
    while (!pending_.empty()) {
        const Rebalance& rebalance = pending_.front();
        if (rebalance.assigns) {
            if (const auto good = assign(rebalance); !good) return good;
        } else {
            revoke(rebalance);
        }
        pending_.pop_front();
    }
    return {};
}

Result<void> ConsumerGroup::assign(const Rebalance& rebalance) {
    const std::vector<TopicPartition> partitions = partitions_of(*rebalance.partitions);
    // While closing nothing is begun any more; librdkafka still wants its answer.
    std::vector<Offset> offsets(partitions.size(), from_the_latest);
    if (!closing_ && !partitions.empty()) {
        auto answer = listener_.on_assigned(partitions);
        if (!answer) return std::unexpected{answer.error()};
        if (answer->size() != partitions.size()) {
            return fail(ErrorCode::internal, "the listener gave {} offsets for {} partitions", answer->size(),
                        partitions.size());
        }
        offsets = std::move(*answer);
    }
    std::vector<PartitionOffset> starts;
    starts.reserve(partitions.size());
    for (std::size_t i = 0; i < partitions.size(); ++i) starts.push_back({partitions[i], offsets[i]});
    was_assigned_ = true;
    overslept_ = false;
    const bool taken = accepted(rd_kafka_incremental_assign(client_.get(), make_list(starts).get()),
                                settings_.group, "assign");
    is_assigned_ = taken && !closing_;
    if (closing_ || partitions.empty()) return {};
    if (!taken) {
        listener_.on_lost(partitions);
        return {};
    }
    for (const PartitionOffset& start : starts) assigned_[start.partition] = start.offset;
    log::info("partitions were assigned", {{"group", settings_.group}, {"count", partitions.size()}});
    return {};
}

void ConsumerGroup::revoke(const Rebalance& rebalance) {
    if (rebalance.lost) is_assigned_ = false;
    std::vector<TopicPartition> known;
    for (TopicPartition& partition : partitions_of(*rebalance.partitions)) {
        paused_.erase(partition);
        if (assigned_.erase(partition) > 0) known.push_back(std::move(partition));
    }
    if (!known.empty()) {
        log::info(rebalance.lost ? "partitions were lost" : "partitions were revoked",
                  {{"group", settings_.group}, {"count", known.size()}});
        if (rebalance.lost) {
            listener_.on_lost(known);
        } else {
            listener_.on_revoked(known);
        }
    }
    accepted(rd_kafka_incremental_unassign(client_.get(), rebalance.partitions.get()), settings_.group,
             "unassign");
}

Result<void> ConsumerGroup::seek(const TopicPartition& partition, Offset offset) {
    if (const auto good = check_assigned({&partition, 1}); !good) return good;
    if (!pending_.empty()) {
        return fail(ErrorCode::contended, "seek {}: a rebalance is under way, poll first", partition.text());
    }
    // Not librdkafka's own seek: that refuses a partition whose position was out of range.
    const PartitionOffset start{partition, offset};
    const PartitionList list = make_list(std::span{&start, 1});
    if (!accepted(rd_kafka_incremental_unassign(client_.get(), list.get()), settings_.group, "unassign") ||
        !accepted(rd_kafka_incremental_assign(client_.get(), list.get()), settings_.group, "assign")) {
        return fail(ErrorCode::unavailable, "seek {}: librdkafka did not take it", partition.text());
    }
    assigned_[partition] = offset;
    if (paused_.contains(partition)) rd_kafka_pause_partitions(client_.get(), list.get());
    return {};
}

Result<void> ConsumerGroup::close(std::chrono::milliseconds deadline) {
    if (!client_) return {};
    const auto now = std::chrono::steady_clock::now();
    closing_ = true;
    await_first_assignment(now + deadline / 2);
    const auto left = leave(now + deadline);
    if (!assigned_.empty()) listener_.on_lost(assigned());
    assigned_.clear();
    is_assigned_ = false;
    pending_.clear();
    if (!may_end(left.has_value())) keep_for_ever(client_);
    client_.reset();
    return left;
}

// Who never heard of a broker has joined no group. Of others only an assignment is proof: the coordinator's
// answer may come while we leave, and leaving forgets the name that it gave us.
bool ConsumerGroup::may_end(bool left) const {
    char* cluster = rd_kafka_clusterid(client_.get(), 0);
    const bool has_heard = cluster != nullptr;
    rd_kafka_mem_free(client_.get(), cluster);
    if (!has_heard) return true;
    // One that is still waiting for its group could block us for ever when it is ended.
    return left && (was_assigned_ || rd_kafka_version() >= first_that_may_end_unassigned);
}

// True from the coordinator's first answer.
bool ConsumerGroup::has_joined() const {
    char* id = rd_kafka_memberid(client_.get());
    const bool joined = id != nullptr && *id != '\0';
    rd_kafka_mem_free(client_.get(), id);
    return joined;
}

void ConsumerGroup::await_first_assignment(std::chrono::steady_clock::time_point end) {
    if (rd_kafka_version() >= first_that_may_end_unassigned) return;
    while (!was_assigned_ && !fatal_ && has_joined() && left_until(end).count() > 0) {
        rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), as_timeout(left_until(end)));
        if (message != nullptr) rd_kafka_message_destroy(message);
        if (!settle_rebalances()) return;  // cannot be: while closing nobody is asked
    }
}

Result<void> ConsumerGroup::leave(std::chrono::steady_clock::time_point end) {
    constexpr std::chrono::milliseconds between_looks{100};
    if (const auto good = settle_rebalances(); !good) return good;
    const Queue queue{rd_kafka_queue_new(client_.get()), &rd_kafka_queue_destroy};
    rd_kafka_error_t* failure = rd_kafka_consumer_close_queue(client_.get(), queue.get());
    if (failure != nullptr) {
        Error why = to_error(rd_kafka_error_code(failure), fmt::format("leave group {}", settings_.group),
                             rd_kafka_error_string(failure));
        rd_kafka_error_destroy(failure);
        return std::unexpected{std::move(why)};
    }
    while (rd_kafka_consumer_closed(client_.get()) == 0) {
        if (left_until(end).count() == 0) {
            return fail(ErrorCode::timed_out, "group {} was not left in time, its session will end by itself",
                        settings_.group);
        }
        // Events and not callbacks: those would trip over records that were fetched and never polled.
        const Event event{
            rd_kafka_queue_poll(queue.get(), as_timeout(std::min(left_until(end), between_looks))),
            &rd_kafka_event_destroy};
        if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
            note_rebalance(rd_kafka_event_error(event.get()),
                           *rd_kafka_event_topic_partition_list(event.get()));
        }
        if (const auto good = settle_rebalances(); !good) return good;
    }
    return {};
}

}  // namespace tollgate::kafka
