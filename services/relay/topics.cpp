#include "relay/topics.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "telemetry/log.hpp"

namespace tollgate::relay {

namespace {

namespace log = telemetry::log;
using kafka::TopicDescription;

constexpr std::int32_t replication_wanted = 3;
constexpr std::chrono::hours week{7 * 24};
constexpr std::chrono::hours month{30 * 24};
// What brokers take by default.
constexpr std::uint64_t message_bytes_default = 1'048'588;

std::int64_t retention_ms(const WantedTopic& wanted) {
    return std::chrono::milliseconds{wanted.retention}.count();
}

kafka::TopicToCreate to_create(const WantedTopic& wanted, const TopicRules& rules, std::int32_t brokers) {
    return {.name = wanted.name,
            .partitions = wanted.partitions,
            .replication = std::min(replication_wanted, brokers),
            .configs = {{"retention.ms", fmt::format("{}", retention_ms(wanted))},
                        {"cleanup.policy", "delete"},
                        // One broker may be away, and what is acknowledged is still on two.
                        {"min.insync.replicas", brokers >= replication_wanted ? "2" : "1"},
                        {"max.message.bytes",
                         fmt::format("{}", std::max(message_bytes_default, rules.record_bytes_max))}}};
}

// Nothing where brokers do not show it, as where we may not read configurations.
std::optional<std::int64_t> number_in(const TopicDescription& topic, const char* name) {
    const auto found = topic.configs.find(name);
    if (found == topic.configs.end()) return std::nullopt;
    const std::string& text = found->second;
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{}) return std::nullopt;
    return number;
}

// Negative: for ever.
bool is_beyond(std::int64_t retention, std::chrono::days horizon) {
    return retention < 0 || retention >= std::chrono::milliseconds{horizon}.count();
}

std::string text_in(const TopicDescription& topic, const char* name) {
    const auto found = topic.configs.find(name);
    return found == topic.configs.end() ? "" : found->second;
}

Result<void> create_missing(kafka::Admin& admin, const TopicRules& rules, std::int32_t brokers,
                            const std::vector<TopicDescription>& there, std::chrono::milliseconds deadline) {
    std::vector<kafka::TopicToCreate> missing;
    for (const WantedTopic& wanted : wanted_topics(rules)) {
        if (std::ranges::find(there, wanted.name, &TopicDescription::name) != there.end()) continue;
        missing.push_back(to_create(wanted, rules, brokers));
    }
    if (missing.empty()) return {};
    if (const auto created = admin.create_topics(missing, deadline); !created) return created;
    for (const kafka::TopicToCreate& topic : missing) {
        log::info("a topic was made", {{"topic", topic.name},
                                       {"partitions", topic.partitions},
                                       {"replication", topic.replication.value_or(0)}});
    }
    return {};
}

}  // namespace

std::vector<WantedTopic> wanted_topics(const TopicRules& rules) {
    const std::chrono::hours retention =
        std::min<std::chrono::hours>(week, std::chrono::hours{rules.horizon} / 2);
    std::vector<WantedTopic> wanted;
    for (const char* input : {"raw", "payment"}) {
        wanted.push_back(
            {.name = rules.prefix + input, .partitions = 12, .retention = retention, .below = rules.horizon});
    }
    for (const std::string& consumer : rules.consumers) {
        wanted.push_back(
            {.name = fmt::format("{}{}.dlq", rules.prefix, consumer), .partitions = 3, .retention = month});
    }
    return wanted;
}

std::vector<std::string> weaknesses(const TopicDescription& topic, const WantedTopic& wanted,
                                    const TopicRules& rules, std::int32_t brokers) {
    std::vector<std::string> weak;
    const auto say = [&]<typename... Args>(fmt::format_string<Args...> format, Args&&... args) {
        weak.push_back(fmt::format(format, std::forward<Args>(args)...));
    };
    if (topic.partitions < wanted.partitions)
        say("it has {} partitions of {}: as many members of a group can work", topic.partitions,
            wanted.partitions);
    const std::int32_t replication = std::min(replication_wanted, brokers);
    if (topic.replication < replication)
        say("it has {} replicas of {}: fewer brokers may fail", topic.replication, replication);
    const auto retention = number_in(topic, "retention.ms");
    if (retention && *retention >= 0 && *retention < retention_ms(wanted))
        say("retention.ms is {} of {}: a consumer that is away for longer misses records", *retention,
            retention_ms(wanted));
    if (wanted.below && retention && is_beyond(*retention, *wanted.below)) {
        say("retention.ms is {}, and events are kept for {} days: a record that is older than they are is "
            "held "
            "by every consumer, because nobody knows whether it was done. Set retention.ms below {} on the "
            "topic, or raise retention.horizon_days",
            *retention, wanted.below->count(), std::chrono::milliseconds{*wanted.below}.count());
    }
    const auto in_sync = number_in(topic, "min.insync.replicas");
    if (in_sync && *in_sync < 2 && topic.replication >= 2)
        say("min.insync.replicas is {}: an acknowledged record may be on one broker alone", *in_sync);
    const auto bytes = number_in(topic, "max.message.bytes");
    if (bytes && static_cast<std::uint64_t>(*bytes) < rules.record_bytes_max)
        say("max.message.bytes is {}, and records may have {}: larger ones are set aside", *bytes,
            rules.record_bytes_max);
    if (text_in(topic, "unclean.leader.election.enable") == "true")
        say("unclean.leader.election.enable is true: acknowledged records may be lost");
    const std::string cleanup = text_in(topic, "cleanup.policy");
    if (cleanup.contains("compact"))
        say("cleanup.policy is {}: of the records of a key only the last is kept", cleanup);
    return weak;
}

Result<std::size_t> prepare_topics(kafka::Admin& admin, const TopicRules& rules,
                                   std::chrono::milliseconds deadline) {
    const auto cluster = admin.cluster(deadline);
    if (!cluster) return std::unexpected{cluster.error()};
    const std::vector<WantedTopic> all = wanted_topics(rules);
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const WantedTopic& wanted : all) names.push_back(wanted.name);
    auto there = admin.describe_topics(names, deadline);
    if (!there) return std::unexpected{there.error()};
    if (const auto created = create_missing(admin, rules, cluster->brokers, *there, deadline); !created)
        return std::unexpected{created.error()};
    there = admin.describe_topics(names, deadline);
    if (!there) return std::unexpected{there.error()};
    std::size_t weak = 0;
    for (const TopicDescription& topic : *there) {
        const auto wanted = std::ranges::find(all, topic.name, &WantedTopic::name);
        const auto found = weaknesses(topic, *wanted, rules, cluster->brokers);
        weak += found.empty() ? 0 : 1;
        for (const std::string& what : found)
            log::warning("a topic is weak", {{"topic", topic.name}, {"what", what}});
    }
    return weak;
}

}  // namespace tollgate::relay
