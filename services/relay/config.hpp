// The settings of the relay: [relay]; where the brokers are is [kafka]'s.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "kafka/settings.hpp"
#include "process/kafka_config.hpp"
#include "process/settings.hpp"
#include "relay/read_ahead.hpp"
#include "relay/topics.hpp"

namespace tollgate::relay {

struct Config {
    std::string compression = "lz4";
    std::chrono::milliseconds linger{1};
    process::ByteSize record_bytes_max{1'000'000};
    process::ByteSize value_bytes_max{std::uint64_t{256} << 10U};
    std::uint32_t in_flight_records_max = 20'000;
    process::ByteSize in_flight_bytes_max{std::uint64_t{64} << 20U};
    std::size_t batch_records_max = 4000;
    process::ByteSize batch_bytes_max{std::uint64_t{4} << 20U};
    process::ByteSize ahead_bytes_max{std::uint64_t{32} << 20U};
    std::chrono::milliseconds save_every{250};
    std::chrono::milliseconds flush_max{5000};
    int horizon_days = 35;  // retention.horizon_days, which is ingress's

    void declare(process::Settings& settings);
    // Where ingress is not in the same process and declares it.
    void declare_horizon(process::Settings& settings);

    Result<kafka::ProducerSettings> producer(const process::KafkaConfig& kafka) const;
    ReadAheadSettings reading() const;
    TopicRules topics(const process::KafkaConfig& kafka) const;
};

}  // namespace tollgate::relay
