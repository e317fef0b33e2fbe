#include "consumer/kafka_subscription.hpp"

#include <algorithm>
#include <utility>

#include "consumer/stored.hpp"
#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

namespace log = telemetry::log;
using kafka::Offset;
using kafka::TopicPartition;

// Between two commits for lag tools.
constexpr std::chrono::seconds tell_every{1};
// That a rebalance may take to show itself before partitions are taken again.
constexpr std::chrono::milliseconds before_taking_again{20};

kafka::ConsumerSettings for_broker(const KafkaSettings& settings) {
    kafka::ConsumerSettings group = settings.group;
    for (std::string& topic : group.topics) topic.insert(0, settings.topic_prefix);
    return group;
}

std::map<TopicPartition, Reached> reached_by(std::span<const Message> done) {
    std::map<TopicPartition, Reached> reached;
    for (const Message& message : done) {
        const auto& place = std::get<LogPlace>(message.place);
        reached[place.partition] = {
            .partition = place.partition, .next = place.offset + 1, .last_id = message.id};
    }
    return reached;
}

}  // namespace

Result<std::unique_ptr<KafkaSubscription>> KafkaSubscription::create(KafkaSettings settings,
                                                                     Positions& positions) {
    std::unique_ptr<KafkaSubscription> made{new KafkaSubscription{std::move(settings), positions}};
    auto group = kafka::ConsumerGroup::create(for_broker(made->settings_), *made);
    if (!group) return std::unexpected{group.error()};
    made->group_ = std::move(*group);
    return made;
}

KafkaSubscription::KafkaSubscription(KafkaSettings settings, Positions& positions)
    : settings_{std::move(settings)}, positions_{positions}, line_{settings_.connection} {}

KafkaSubscription::~KafkaSubscription() {
    // So that lag is right while nobody reads.
    told_at_ = {};
    tell_lag_tools();
    waiting_.clear();
    group_.reset();  // while all that it calls is there
}

Result<std::vector<Message>> KafkaSubscription::fetch(std::size_t messages_max,
                                                      std::chrono::milliseconds wait,
                                                      const std::stop_token& /*stop*/) {
    if (const auto followed = follow_pause(); !followed) return std::unexpected{followed.error()};
    tell_lag_tools();
    const bool at_once = !waiting_.empty() && !is_paused();
    if (!to_seek_.empty()) wait = std::min(wait, before_taking_again);
    auto polled = group_->poll(messages_max - std::min(messages_max, waiting_.size()),
                               at_once ? std::chrono::milliseconds{0} : wait, settings_.batch_bytes_max);
    is_assigned_ = group_->is_assigned();
    if (!polled) {
        if (group_->is_broken()) join_again();
        return std::unexpected{polled.error()};
    }
    if (const auto settled = settle(std::move(*polled)); !settled) return std::unexpected{settled.error()};
    return give(messages_max);
}

// One that has failed for good does nothing any more.
void KafkaSubscription::join_again() {
    log::warning("a member of a group is made anew", {{"group", settings_.group.group}});
    auto group = kafka::ConsumerGroup::create(for_broker(settings_), *this);
    if (!group) return;
    group_ = std::move(*group);
    waiting_.clear();
}

Result<void> KafkaSubscription::settle(kafka::Polled polled) {
    for (kafka::ReceivedRecord& record : polled.records) waiting_.push_back(std::move(record));
    // Told once, and they lie still until sought. Those whose turn does not come are sought where the
    // positions say, which tells of them again.
    for (const kafka::OutOfRange& position : polled.out_of_range)
        to_seek_.insert_or_assign(position.partition, std::nullopt);
    for (const kafka::OutOfRange& position : polled.out_of_range) {
        if (const auto replaced = replace(position); !replaced) return replaced;
    }
    // What was fetched of these comes again, from where they are sought.
    for (const auto& [partition, offset] : to_seek_) forget_waiting(partition);
    return go_where_needed();
}

// The next of what was fetched, one beyond the limit of bytes at most. On failure the same comes again.
Result<std::vector<Message>> KafkaSubscription::give(std::size_t messages_max) {
    std::vector<Message> messages;
    // While paused it stays, with partitions that have come just now; the others are not fetched.
    if (is_paused()) return messages;
    std::size_t bytes = 0;
    while (messages.size() < std::min(messages_max, waiting_.size()) && bytes < settings_.batch_bytes_max) {
        Message message = to_message(waiting_[messages.size()], settings_.topic_prefix);
        if (goes_by_reference(message)) {
            if (const auto looked_up = add_referenced(message); !looked_up)
                return std::unexpected{looked_up.error()};
        }
        bytes += message.bytes();
        messages.push_back(std::move(message));
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const kafka::ReceivedRecord& record = waiting_.front();
        Standing& standing = standing_[record.topic_partition()];
        if (standing.saved < 0) standing.saved = record.offset();
        standing.given = record.offset() + 1;
        waiting_.pop_front();
    }
    return messages;
}

Result<void> KafkaSubscription::add_referenced(Message& message) {
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    return look_up(**line, message);
}

void KafkaSubscription::forget_waiting(const TopicPartition& partition) {
    std::erase_if(waiting_, [&](const kafka::ReceivedRecord& record) {
        return record.partition() == partition.partition && record.topic() == partition.topic;
    });
}

void KafkaSubscription::go_back() {
    for (const auto& [partition, standing] : standing_) {
        if (standing.given != standing.saved) to_seek_.try_emplace(partition, std::nullopt);
    }
}

// After a poll: by then the group has told of partitions that are not ours any more, and those are left to
// others.
Result<void> KafkaSubscription::go_where_needed() {
    while (!to_seek_.empty()) {
        const auto& [partition, offset] = *to_seek_.begin();
        if (standing_.contains(partition)) {
            const auto went = offset ? start_at(partition, *offset) : start_again(partition);
            if (!went && went.error().code == ErrorCode::contended) return {};  // the next poll settles it
            if (!went) return went;
        }
        to_seek_.erase(to_seek_.begin());
    }
    return {};
}

Result<void> KafkaSubscription::start_again(const TopicPartition& partition) {
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    const auto starts = positions_.take(**line, {&partition, 1});
    if (!starts) return std::unexpected{starts.error()};
    return start_at(partition, starts->front());
}

Result<void> KafkaSubscription::start_at(const TopicPartition& partition, Offset offset) {
    if (const auto sought = group_->seek(partition, offset); !sought) return sought;
    standing_[partition] = {.given = offset, .saved = offset};
    return {};
}

Result<void> KafkaSubscription::replace(const kafka::OutOfRange& position) {
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    const auto replacement = positions_.replace(**line, position);
    if (!replacement) return std::unexpected{replacement.error()};
    to_seek_[position.partition] = *replacement;
    return {};
}

Result<void> KafkaSubscription::follow_pause() {
    const bool wanted = is_paused();
    if (wanted == group_is_paused_) return {};
    const auto partitions = group_->assigned();
    const auto followed = wanted ? group_->pause(partitions) : group_->resume(partitions);
    if (followed) group_is_paused_ = wanted;
    return followed;
}

void KafkaSubscription::move(postgres::Transaction& tx, std::span<const Message> done, bool /*last*/) {
    std::vector<Reached> all;
    for (auto& [partition, reached] : reached_by(done)) all.push_back(std::move(reached));
    positions_.move(tx, all);
}

void KafkaSubscription::moved(std::span<const Message> done) {
    for (const auto& [partition, reached] : reached_by(done)) {
        standing_[partition].saved = reached.next;
        untold_[partition] = reached.next;
    }
}

void KafkaSubscription::tell_lag_tools() {
    const auto now = std::chrono::steady_clock::now();
    if (untold_.empty() || now - told_at_ < tell_every) return;
    told_at_ = now;
    std::vector<kafka::PartitionOffset> offsets;
    for (const auto& [partition, next] : std::exchange(untold_, {})) offsets.push_back({partition, next});
    if (const auto told = group_->commit(offsets); !told)
        log::debug("offsets for lag tools were not committed", {{"error", told.error()}});
}

Result<std::int64_t> KafkaSubscription::lag() {
    std::int64_t total = 0;
    for (const kafka::PartitionLag& each : group_->lag()) {
        const auto standing = standing_.find(each.partition);
        const bool known = standing != standing_.end() && standing->second.saved >= 0;
        total += std::max<std::int64_t>(each.high - (known ? standing->second.saved : each.next), 0);
    }
    return total;
}

Result<std::vector<Offset>> KafkaSubscription::on_assigned(std::span<const TopicPartition> partitions) {
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    auto starts = positions_.take(**line, partitions);
    if (!starts) return starts;
    for (std::size_t i = 0; i < std::min(partitions.size(), starts->size()); ++i)
        standing_[partitions[i]] = {.given = (*starts)[i], .saved = (*starts)[i]};
    group_is_paused_.reset();
    count_taking();
    return starts;
}

void KafkaSubscription::on_revoked(std::span<const TopicPartition> partitions) {
    forget(partitions, false);
}

void KafkaSubscription::on_lost(std::span<const TopicPartition> partitions) {
    forget(partitions, true);
}

void KafkaSubscription::forget(std::span<const TopicPartition> partitions, bool lost) {
    for (const TopicPartition& partition : partitions) {
        standing_.erase(partition);
        forget_waiting(partition);
        to_seek_.erase(partition);
        untold_.erase(partition);
    }
    positions_.let_go(partitions, lost);
}

}  // namespace tollgate::consumer
