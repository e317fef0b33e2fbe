#include "kafka/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "kafka/client.hpp"

namespace tollgate::kafka {

namespace {

// What may be passed through begins with one of these. A list of what is allowed, because one forgotten name
// in a list of what is not would let a configuration take a promise away.
constexpr std::array<std::string_view, 23> allowed{"security.",
                                                   "sasl.",
                                                   "ssl.",
                                                   "enable.ssl.",
                                                   "socket.",
                                                   "reconnect.",
                                                   "connections.",
                                                   "metadata.",
                                                   "topic.metadata.",
                                                   "api.version.",
                                                   "broker.address.",
                                                   "broker.version.",
                                                   "client.rack",
                                                   "debug",
                                                   "log.",
                                                   "retry.backoff.",
                                                   "request.timeout.ms",
                                                   "receive.message.",
                                                   "message.copy.",
                                                   "batch.",
                                                   "fetch.",
                                                   "queued.",

                                                   "check.crcs"};

constexpr std::array<std::string_view, 5> secret_names{"sasl.password", "sasl.oauthbearer.client.secret",
                                                       "ssl.key.password", "ssl.key.pem",
                                                       "ssl.keystore.password"};

bool may_pass(std::string_view name) {
    return std::ranges::any_of(allowed, [&](std::string_view start) { return name.starts_with(start); });
}

Result<void> check_broker(std::string_view broker) {
    const std::size_t colon = broker.rfind(':');
    unsigned port = 0;
    if (colon != std::string_view::npos && colon > 0) {
        const std::string_view digits = broker.substr(colon + 1);
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (failure != std::errc{} || end != digits.data() + digits.size()) port = 0;
    }
    if (port == 0 || port > 65535) {
        return fail(ErrorCode::misconfigured, "kafka brokers: \"{}\" is not host:port", broker);
    }
    return {};
}

Result<void> check_brokers(std::string_view brokers) {
    for (;;) {
        const std::size_t comma = brokers.find(',');
        if (const auto good = check_broker(brokers.substr(0, comma)); !good) return good;
        if (comma == std::string_view::npos) return {};
        brokers.remove_prefix(comma + 1);
    }
}

Result<void> within(std::string_view name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    if (value >= least && value <= most) return {};
    return fail(ErrorCode::misconfigured, "kafka {}: {} is not between {} and {}", name, value, least, most);
}

Result<void> within(std::string_view name, std::chrono::milliseconds value, std::uint64_t least,
                    std::uint64_t most) {
    // A negative duration becomes a huge number, and is refused as one.
    return within(name, static_cast<std::uint64_t>(value.count()), least, most);
}

Result<void> first_failure(std::initializer_list<Result<void>> checks) {
    for (const Result<void>& check : checks) {
        if (!check) return check;
    }
    return {};
}

}  // namespace

Result<void> validate(const ClientSettings& settings) {
    if (const auto good = check_brokers(settings.brokers); !good) return good;
    if (settings.client_id.empty()) return fail(ErrorCode::misconfigured, "kafka client_id: it is empty");
    for (const auto& [name, value] : settings.properties) {
        if (std::ranges::find(secret_names, name) != secret_names.end()) {
            return fail(ErrorCode::misconfigured,
                        "kafka property {}: its value is a secret and must come as one, from a file", name);
        }
        if (!may_pass(name)) {
            return fail(ErrorCode::misconfigured, "kafka property {}: Tollgate decides it, it cannot be set",
                        name);
        }
    }
    for (const auto& [name, value] : settings.secrets) {
        if (!may_pass(name)) {
            return fail(ErrorCode::misconfigured, "kafka property {}: Tollgate decides it, it cannot be set",
                        name);
        }
    }
    const auto configuration = ClientConfiguration::create(settings);
    if (!configuration) return std::unexpected{configuration.error()};
    return {};
}

Result<void> validate(const ProducerSettings& settings) {
    constexpr auto int_max = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    return first_failure({validate(settings.client), within("linger", settings.linger, 0, 60'000),
                          within("queue_records_max", settings.queue_records_max, 1, int_max),
                          within("queue_bytes_max", settings.queue_bytes_max, 1024, int_max),
                          within("record_bytes_max", settings.record_bytes_max, 1000, 100'000'000),
                          within("requests_in_flight", settings.requests_in_flight, 1, 5),
                          within("statistics_interval", settings.statistics_interval, 0, 3'600'000)});
}

Result<void> validate(const ConsumerSettings& settings) {
    if (settings.group.empty()) return fail(ErrorCode::misconfigured, "kafka group: it is empty");
    if (settings.topics.empty()) return fail(ErrorCode::misconfigured, "kafka topics: there is none to read");
    for (const std::string& topic : settings.topics) {
        // librdkafka takes such a name for a pattern.
        if (topic.empty() || topic.starts_with('^')) {
            return fail(ErrorCode::misconfigured, "kafka topics: \"{}\" is not the name of a topic", topic);
        }
    }
    if (settings.poll_interval_max < settings.session_timeout) {
        return fail(ErrorCode::misconfigured,
                    "kafka poll_interval_max: {} ms is less than session_timeout, {} ms",
                    settings.poll_interval_max.count(), settings.session_timeout.count());
    }
    return first_failure({validate(settings.client),
                          within("session_timeout", settings.session_timeout, 1000, 3'600'000),
                          within("poll_interval_max", settings.poll_interval_max, 1000, 86'400'000),
                          within("queue_bytes_max", settings.queue_bytes_max, 1024, 1ULL << 30U)});
}

}  // namespace tollgate::kafka
