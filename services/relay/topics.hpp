// The topics that the product lives by: made at start where they are not there, looked at where they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.hpp"

namespace tollgate::relay {

struct TopicRules {
    std::string prefix = "tollgate.";
    std::uint64_t record_bytes_max = 1'000'000;
    // For so long events are kept, and with them what consumers know of having done them.
    std::chrono::days horizon{35};
    // Each has a topic for its dead letters.
    std::set<std::string> consumers{"enrichment", "billing", "delivery"};
};

struct WantedTopic {
    std::string name;
    std::int32_t partitions = 1;
    std::chrono::hours retention{};
    // Of one that consumers read: a record that is older than the horizon is held by all of them, and not
    // run.
    std::optional<std::chrono::days> below = std::nullopt;
};

// What each should be: raw, payment, and the dead letters of each consumer.
std::vector<WantedTopic> wanted_topics(const TopicRules& rules);

// What is weak about one that is there, each in a sentence. `brokers` is how many the cluster has.
std::vector<std::string> weaknesses(const kafka::TopicDescription& topic, const WantedTopic& wanted,
                                    const TopicRules& rules, std::int32_t brokers);

// Makes what is missing and tells, as warnings, what is weak: of how many topics. Nothing that is there is
// changed, because it may be so on purpose.
Result<std::size_t> prepare_topics(kafka::Admin& admin, const TopicRules& rules,
                                   std::chrono::milliseconds deadline);

}  // namespace tollgate::relay
