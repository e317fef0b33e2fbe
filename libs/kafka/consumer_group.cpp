#include "kafka/consumer_group.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/broker_offsets.hpp"
#include "kafka/client.hpp"
#include "kafka/errors.hpp"
#include "telemetry/log.hpp"

namespace tollgate::kafka {

namespace {

namespace log = telemetry::log;

Result<ClientConfiguration> configure(const ConsumerSettings& settings) {
    auto configuration = ClientConfiguration::create(settings.client);
    if (!configuration) return configuration;
    const bool silently = settings.when_out_of_range == WhenOutOfRange::earliest;
    const bool committed = settings.isolation == Isolation::read_committed;
    // Members learn of a rebalance by their next heartbeat, so its interval is how long one takes.
    const auto heartbeat = std::min(settings.session_timeout / 3, std::chrono::milliseconds{1000});
    const std::array<std::pair<std::string_view, std::string>, 10> properties{{
        {"group.id", settings.group},
        {"partition.assignment.strategy", "cooperative-sticky"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", silently ? "earliest" : "error"},
        {"isolation.level", committed ? "read_committed" : "read_uncommitted"},
        {"session.timeout.ms", fmt::format("{}", settings.session_timeout.count())},
        {"heartbeat.interval.ms", fmt::format("{}", heartbeat.count())},
        {"max.poll.interval.ms", fmt::format("{}", settings.poll_interval_max.count())},
        {"queued.max.messages.kbytes", fmt::format("{}", settings.queue_bytes_max / 1024)},
    }};
    for (const auto& [name, value] : properties) {
        if (const auto good = configuration->set(name, value); !good) return std::unexpected{good.error()};
    }
    if (settings.instance_id) {
        const auto good = configuration->set("group.instance.id", *settings.instance_id);
        if (!good) return std::unexpected{good.error()};
    }
    return configuration;
}

Result<void> first_error(const rd_kafka_topic_partition_list_t& list, std::string_view doing) {
    for (const rd_kafka_topic_partition_t& each : std::span{list.elems, static_cast<std::size_t>(list.cnt)}) {
        if (each.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        const TopicPartition partition{each.topic, each.partition};
        return std::unexpected{to_error(each.err, partition.text()).within(doing)};
    }
    return {};
}

}  // namespace

// All of them run inside rd_kafka_consumer_poll, on the caller's thread.
struct ConsumerGroup::Callbacks {
    static void rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions,
                          void* opaque) noexcept {
        static_cast<ConsumerGroup*>(opaque)->note_rebalance(code, *partitions);
    }

    static void committed(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t*,
                          void* opaque) noexcept {
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
        // The next commit mends it, and our positions are not these.
        log::debug(
            "offsets for lag tools were not committed",
            {{"group", static_cast<ConsumerGroup*>(opaque)->settings_.group}, {"error", describe(code)}});
    }
};

Result<std::unique_ptr<ConsumerGroup>> ConsumerGroup::create(ConsumerSettings settings,
                                                             AssignmentListener& listener) {
    if (const auto good = validate(settings); !good) return std::unexpected{good.error()};
    auto configuration = configure(settings);
    if (!configuration) return std::unexpected{configuration.error()};
    std::unique_ptr<ConsumerGroup> group{new ConsumerGroup{std::move(settings), listener}};
    rd_kafka_conf_t* native = configuration->native();
    rd_kafka_conf_set_opaque(native, group.get());
    rd_kafka_conf_set_rebalance_cb(native, Callbacks::rebalance);
    rd_kafka_conf_set_offset_commit_cb(native, Callbacks::committed);
    auto client = std::move(*configuration).start(ClientConfiguration::Kind::consumer);
    if (!client) return std::unexpected{client.error()};
    group->client_ = std::move(*client);
    rd_kafka_poll_set_consumer(group->client_.get());

    std::vector<TopicPartition> topics;
    for (const std::string& topic : group->settings_.topics) topics.push_back({topic, RD_KAFKA_PARTITION_UA});
    const auto failure = rd_kafka_subscribe(group->client_.get(), make_list(topics).get());
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return std::unexpected{to_error(failure, fmt::format("consumer group {}", group->settings_.group))};
    }
    return group;
}

ConsumerGroup::ConsumerGroup(ConsumerSettings settings, AssignmentListener& listener)
    : settings_{std::move(settings)}, listener_{listener} {}

ConsumerGroup::~ConsumerGroup() {
    if (!client_) return;
    if (const auto good = close(std::chrono::seconds{5}); !good) {
        log::warning("a consumer group was not left in order",
                     {{"group", settings_.group}, {"error", good.error()}});
    }
}

Result<Polled> ConsumerGroup::poll(std::size_t records_max, std::chrono::milliseconds wait,
                                   std::size_t bytes_max) {
    const auto now = std::chrono::steady_clock::now();
    const auto end = now + wait;
    if (!client_) return fail(ErrorCode::internal, "consumer group {} is closed", settings_.group);
    if (fatal_) return std::unexpected{*fatal_};
    // librdkafka has left the group by itself then, but a rebalance that it told of before comes first.
    if (last_poll_ && now - *last_poll_ >= settings_.poll_interval_max) overslept_ = true;
    last_poll_ = now;
    Polled polled;
    std::size_t bytes = 0;
    while (polled.records.size() < std::max<std::size_t>(records_max, 1) && bytes < bytes_max) {
        const bool has_something = !polled.records.empty() || !polled.out_of_range.empty();
        if (!pending_.empty()) {
            // What was told before is the caller's to finish first, and is not told again if this fails.
            if (has_something) break;
            if (const auto good = settle_rebalances(); !good) return std::unexpected{good.error()};
            polled.rebalanced = true;
        }
        const bool waits = !has_something && !polled.rebalanced;
        const auto time = waits ? left_until(end) : std::chrono::milliseconds{0};
        rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), as_timeout(time));
        if (message == nullptr) {
            if (pending_.empty() && (!waits || left_until(end).count() == 0)) break;
        } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            bytes += message->len;
            polled.records.emplace_back(client_, message);
        } else {
            const auto good = take_error(*message, polled);
            rd_kafka_message_destroy(message);
            if (good) continue;
            fatal_ = good.error();
            if (!has_something) return std::unexpected{*fatal_};
            break;  // and the next poll tells
        }
    }
    return polled;
}

Result<void> ConsumerGroup::take_error(const rd_kafka_message_s& message, Polled& polled) {
    const char* topic = message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt);
    const char* text = rd_kafka_message_errstr(&message);
    switch (message.err) {
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            return {};
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            polled.out_of_range.push_back({{topic, message.partition}, message.offset, text});
            return {};
        case RD_KAFKA_RESP_ERR__FATAL: {
            std::array<char, 512> why{};
            const auto code = rd_kafka_fatal_error(client_.get(), why.data(), why.size());
            return std::unexpected{
                to_error(code, fmt::format("consumer group {}", settings_.group), why.data())};
        }
        default:
            // Also what operators must cure, such as a missing permission: it is tried again until they have.
            log::warning("a Kafka consumer has trouble and goes on",
                         {{"group", settings_.group},
                          {"topic", topic},
                          {"code", rd_kafka_err2name(message.err)},
                          {"error", text}});
            return {};
    }
}

Result<void> ConsumerGroup::check_assigned(std::span<const TopicPartition> partitions) const {
    for (const TopicPartition& partition : partitions) {
        if (!assigned_.contains(partition)) {
            return fail(ErrorCode::not_found, "{} is not assigned to this member of {}", partition.text(),
                        settings_.group);
        }
    }
    return {};
}

Result<void> ConsumerGroup::pause(std::span<const TopicPartition> partitions) {
    if (const auto good = check_assigned(partitions); !good) return good;
    const PartitionList list = make_list(partitions);
    rd_kafka_pause_partitions(client_.get(), list.get());
    paused_.insert(partitions.begin(), partitions.end());
    return first_error(*list, "pause");
}

Result<void> ConsumerGroup::resume(std::span<const TopicPartition> partitions) {
    if (const auto good = check_assigned(partitions); !good) return good;
    // librdkafka before 2.4 starts again at an earlier position when it resumes what is not paused (its issue
    // 4686).
    std::vector<TopicPartition> paused;
    std::ranges::copy_if(partitions, std::back_inserter(paused),
                         [&](const TopicPartition& partition) { return paused_.erase(partition) > 0; });
    const PartitionList list = make_list(paused);
    rd_kafka_resume_partitions(client_.get(), list.get());
    return first_error(*list, "resume");
}

Result<void> ConsumerGroup::commit(std::span<const PartitionOffset> offsets) {
    // librdkafka before 2.10 loses the whole assignment if a commit meets a rebalance (its issue 4059).
    if (!pending_.empty() || offsets.empty()) return {};
    const auto failure = rd_kafka_commit(client_.get(), make_list(offsets).get(), 1);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return std::unexpected{to_error(failure, fmt::format("commit for {}", settings_.group))};
}

Result<std::vector<std::optional<Offset>>> ConsumerGroup::committed(
    std::span<const TopicPartition> partitions, std::chrono::milliseconds deadline) {
    auto offsets = committed_offsets(client_.get(), partitions, deadline);
    if (!offsets) return std::unexpected{offsets.error().within(settings_.group)};
    return offsets;
}

Result<Watermarks> ConsumerGroup::watermarks(const TopicPartition& partition,
                                             std::chrono::milliseconds deadline) {
    return watermarks_of(client_.get(), partition, deadline);
}

std::vector<PartitionLag> ConsumerGroup::lag() const {
    std::vector<PartitionLag> lags;
    const PartitionList positions = make_list(assigned());
    rd_kafka_position(client_.get(), positions.get());
    for (const rd_kafka_topic_partition_t& each :
         std::span{positions->elems, static_cast<std::size_t>(positions->cnt)}) {
        Watermarks cached{RD_KAFKA_OFFSET_INVALID, RD_KAFKA_OFFSET_INVALID};
        rd_kafka_get_watermark_offsets(client_.get(), each.topic, each.partition, &cached.low, &cached.high);
        const TopicPartition partition{each.topic, each.partition};
        // librdkafka's position is that behind the last record given, and none before the first.
        const Offset next = each.offset >= 0 ? each.offset : assigned_.at(partition);
        if (cached.high >= 0 && next >= 0) lags.push_back({partition, next, cached.high});
    }
    return lags;
}

std::vector<TopicPartition> ConsumerGroup::assigned() const {
    std::vector<TopicPartition> partitions;
    partitions.reserve(assigned_.size());
    for (const auto& [partition, start] : assigned_) partitions.push_back(partition);
    return partitions;
}

}  // namespace tollgate::kafka
