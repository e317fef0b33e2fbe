#include "kafka/client.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <librdkafka/rdkafka.h>

#include "telemetry/log.hpp"

namespace tollgate::kafka {

namespace {

namespace log = telemetry::log;

// What librdkafka warns of although we mean it so: the one property that it calls experimental, and a
// producer that ends with records in its queue, as every restart does. Fatal errors are results of ours.
bool is_intended(std::string_view facility, std::string_view text) {
    return facility == "TERMINATE" || facility == "FATAL" ||
           (facility == "CONFWARN" && text.find("enable.gapless.guarantee") != std::string_view::npos);
}

// Called on librdkafka's threads. Nothing is an error here: what matters comes back as a result, and
// librdkafka calls each failed attempt to reconnect an error.
void write_log(const rd_kafka_t* client, int level, const char* facility, const char* text) noexcept {
    constexpr int syslog_warning = 4;
    constexpr int syslog_debug = 7;
    const bool quiet = level >= syslog_debug || is_intended(facility, text);
    const auto ours = quiet                     ? log::Level::debug
                      : level <= syslog_warning ? log::Level::warning
                                                : log::Level::info;
    log::write(ours, text,
               {{"client", client == nullptr ? "" : rd_kafka_name(client)}, {"facility", facility}});
}

// What librdkafka chooses otherwise, and why we do not want it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> decided_properties{{
    {"socket.keepalive.enable", "true"},              // a broker that vanished without a word is noticed
    {"socket.nagle.disable", "true"},                 // a lone record must not wait for the kernel
    {"reconnect.backoff.max.ms", "2000"},             // 10 s of silence after the broker is back
    {"topic.metadata.refresh.interval.ms", "10000"},  // 5 min until a topic made later is seen
    {"log.connection.close", "false"},                // brokers close idle connections; that is no news
    {"allow.auto.create.topics", "false"},            // with one partition and the broker's defaults
}};

}  // namespace

void ClientConfiguration::Deleter::operator()(rd_kafka_conf_s* native) const noexcept {
    rd_kafka_conf_destroy(native);
}

ClientConfiguration::ClientConfiguration() : native_{rd_kafka_conf_new()} {}

Result<ClientConfiguration> ClientConfiguration::create(const ClientSettings& settings) {
    ClientConfiguration configuration;
    rd_kafka_conf_set_log_cb(configuration.native_.get(), write_log);
    for (const auto& [name, value] : decided_properties) {
        if (const auto good = configuration.set(name, value); !good) return std::unexpected{good.error()};
    }
    if (const auto good = configuration.set("bootstrap.servers", settings.brokers); !good) {
        return std::unexpected{good.error()};
    }
    if (const auto good = configuration.set("client.id", settings.client_id); !good) {
        return std::unexpected{good.error()};
    }
    for (const auto& [name, value] : settings.properties) {
        if (const auto good = configuration.set(name, value); !good) return std::unexpected{good.error()};
    }
    for (const auto& [name, value] : settings.secrets) {
        if (const auto good = configuration.set_secret(name, value); !good)
            return std::unexpected{good.error()};
    }
    return configuration;
}

Result<void> ClientConfiguration::set(std::string_view name, std::string_view value) {
    const std::string name_text{name};
    std::array<char, 512> why{};
    const auto outcome = rd_kafka_conf_set(native_.get(), name_text.c_str(), std::string{value}.c_str(),
                                           why.data(), why.size());
    if (outcome == RD_KAFKA_CONF_OK) return {};
    return fail(ErrorCode::misconfigured, "kafka property {}: {}", name, why.data());
}

Result<void> ClientConfiguration::set_secret(std::string_view name, const Secret& value) {
    const std::string name_text{name};
    std::array<char, 512> why{};
    const auto outcome =
        rd_kafka_conf_set(native_.get(), name_text.c_str(), value.reveal().c_str(), why.data(), why.size());
    if (outcome == RD_KAFKA_CONF_OK) return {};
    // librdkafka's own sentence may quote the value.
    return fail(ErrorCode::misconfigured, "kafka property {}: {}", name,
                outcome == RD_KAFKA_CONF_UNKNOWN ? "there is no such property" : "its value is not valid");
}

Result<Client> ClientConfiguration::start(Kind kind) && {
    std::array<char, 512> why{};
    const auto type = kind == Kind::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    rd_kafka_t* client = rd_kafka_new(type, native_.get(), why.data(), why.size());
    if (client == nullptr)
        return fail(ErrorCode::misconfigured, "the Kafka client cannot start: {}", why.data());
    static_cast<void>(native_.release());  // rd_kafka_new has taken it over, but only when it succeeds
    // Consumers leave their group before, under a deadline; the destructor must neither wait nor call back.
    return Client{client, [](rd_kafka_t* ended) {
                      rd_kafka_destroy_flags(ended, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
                  }};
}

int as_timeout(std::chrono::milliseconds time) {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    return static_cast<int>(std::clamp<std::int64_t>(time.count(), 0, most));
}

std::chrono::milliseconds left_until(std::chrono::steady_clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds{0});
}

}  // namespace tollgate::kafka
