#include "relay/config.hpp"

namespace tollgate::relay {

namespace {

constexpr std::size_t batch_records_most = 10'000;

kafka::Compression compression_of(const std::string& name) {
    if (name == "lz4") return kafka::Compression::lz4;
    return name == "zstd" ? kafka::Compression::zstd : kafka::Compression::none;
}

}  // namespace

void Config::declare(process::Settings& settings) {
    settings.add_choice("relay.compression", compression, {"none", "lz4", "zstd"}, "of batches of records");
    settings.add("relay.linger", linger, "that a batch waits for more records");
    settings.add("relay.record_bytes_max", record_bytes_max,
                 "of a record before compression; a larger one is set aside");
    settings.add("relay.value_bytes_max", value_bytes_max, "of a body; a larger one goes by reference");
    settings.add("relay.in_flight_records_max", in_flight_records_max, "sent and not acknowledged",
                 std::uint32_t{1}, std::uint32_t{1'000'000});
    settings.add("relay.in_flight_bytes_max", in_flight_bytes_max, "likewise");
    settings.add("relay.batch_records_max", batch_records_max, "read at a time", std::size_t{1},
                 batch_records_most);
    settings.add("relay.batch_bytes_max", batch_bytes_max, "of bodies read at a time");
    settings.add("relay.ahead_bytes_max", ahead_bytes_max, "read and not sent yet");
    settings.add("relay.save_every", save_every, "between two saves of the position");
    settings.add("relay.flush_max", flush_max, "that a stop waits for acknowledgements");
}

void Config::declare_horizon(process::Settings& settings) {
    settings.add("retention.horizon_days", horizon_days, "that ingress keeps events", 1, 3650);
}

Result<kafka::ProducerSettings> Config::producer(const process::KafkaConfig& kafka) const {
    auto client = kafka.client("tollgate-relay");
    if (!client) return std::unexpected{client.error()};
    kafka::ProducerSettings settings{.client = std::move(*client),
                                     .compression = compression_of(compression),
                                     .linger = linger,
                                     .queue_records_max = in_flight_records_max,
                                     .queue_bytes_max = in_flight_bytes_max.bytes,
                                     .record_bytes_max = static_cast<std::uint32_t>(record_bytes_max.bytes)};
    if (value_bytes_max.bytes >= record_bytes_max.bytes) {
        return fail(ErrorCode::misconfigured,
                    "relay.value_bytes_max, {}, is not below relay.record_bytes_max, {}: larger bodies would "
                    "be set aside and not go by reference",
                    value_bytes_max.bytes, record_bytes_max.bytes);
    }
    if (const auto good = kafka::validate(settings); !good) return std::unexpected{good.error()};
    return settings;
}

ReadAheadSettings Config::reading() const {
    return {.batch_records_max = batch_records_max,
            .ahead_bytes_max = ahead_bytes_max.bytes,
            .save_every = save_every,
            .bodies = {.body_max = static_cast<std::int64_t>(value_bytes_max.bytes),
                       .bytes_max = static_cast<std::int64_t>(batch_bytes_max.bytes)}};
}

TopicRules Config::topics(const process::KafkaConfig& kafka) const {
    return {.prefix = kafka.topic_prefix,
            .record_bytes_max = record_bytes_max.bytes,
            .horizon = std::chrono::days{horizon_days}};
}

}  // namespace tollgate::relay
