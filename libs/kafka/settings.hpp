// How to reach the brokers and how to behave there. What the promises of this library rest on (idempotence,
// acks, offsets) is no setting.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace tollgate::kafka {

struct ClientSettings {
    std::string brokers;  // "host:port,host:port"
    std::string client_id = "tollgate";
    // Further properties by librdkafka's names, for security and the network: security.protocol,
    // sasl.mechanism, ssl.ca.location ...
    std::map<std::string, std::string> properties{};
    // The same for those whose value must not be seen: sasl.password, ssl.key.password ...
    std::map<std::string, Secret> secrets{};
};

enum class Compression { none, lz4, zstd };

struct ProducerSettings {
    ClientSettings client;
    Compression compression = Compression::lz4;
    std::chrono::milliseconds linger{1};
    std::uint32_t queue_records_max = 20'000;
    std::uint64_t queue_bytes_max = 64ULL << 20U;
    // Before compression, with key and headers. A batch is not larger either, so topics need at least this
    // max.message.bytes; where one has less, its batches are refused and sent again record by record.
    std::uint32_t record_bytes_max = 1'000'000;
    // Requests under way per broker, at most 5. A broker that does not know this producer yet may refuse its
    // first batch for a moment and take the second (Kafka 4.3.1 does). Nothing is lost by that, because the
    // producer breaks, but on that partition the later records come first. One in flight keeps the order, and
    // was not slower when measured (loopback, 12 partitions, 1 KiB: 160,000 to 200,000 records/s either way).
    std::uint32_t requests_in_flight = 1;
    std::chrono::milliseconds statistics_interval{1000};  // in whole seconds; 0 turns them off
};

// What happens when a position is not in the log. `error` tells the caller; `earliest` goes on silently.
enum class WhenOutOfRange { error, earliest };
enum class Isolation { read_committed, read_uncommitted };

struct ConsumerSettings {
    ClientSettings client;
    std::string group;
    std::vector<std::string> topics;
    WhenOutOfRange when_out_of_range = WhenOutOfRange::error;
    Isolation isolation = Isolation::read_committed;
    std::chrono::milliseconds session_timeout{10'000};
    // Who does not poll for so long is taken for hung and loses its partitions.
    std::chrono::milliseconds poll_interval_max{300'000};
    std::uint64_t queue_bytes_max = 16ULL << 20U;           // fetched ahead, per partition
    std::optional<std::string> instance_id = std::nullopt;  // static membership
};

// Each says in one line what is wrong, beginning with the property at fault. Nothing is connected to.
Result<void> validate(const ClientSettings& settings);
Result<void> validate(const ProducerSettings& settings);
Result<void> validate(const ConsumerSettings& settings);

}  // namespace tollgate::kafka
