// One connection to a cluster as librdkafka sees it: its configuration, its handle, and where its logs go.
// For the other files of this library only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "kafka/settings.hpp"

struct rd_kafka_conf_s;
struct rd_kafka_s;

namespace tollgate::kafka {

using Client = std::shared_ptr<rd_kafka_s>;

class ClientConfiguration {
public:
    // The settings, and what all our clients have in common.
    static Result<ClientConfiguration> create(const ClientSettings& settings);

    // Names of our own choice with values of our own making: a refusal says so as a misconfiguration.
    Result<void> set(std::string_view name, std::string_view value);

    // For callbacks, which librdkafka sets by functions.
    rd_kafka_conf_s* native() { return native_.get(); }

    enum class Kind { producer, consumer };

    // The client, whose last owner ends it. Its threads start here; it connects by itself.
    Result<Client> start(Kind kind) &&;

private:
    struct Deleter {
        void operator()(rd_kafka_conf_s* native) const noexcept;
    };

    ClientConfiguration();
    Result<void> set_secret(std::string_view name, const Secret& value);

    std::unique_ptr<rd_kafka_conf_s, Deleter> native_;
};

// As librdkafka takes a time: whole milliseconds within an int, at least 0.
int as_timeout(std::chrono::milliseconds time);

// What is left until then, never less than nothing.
std::chrono::milliseconds left_until(std::chrono::steady_clock::time_point end);

}  // namespace tollgate::kafka
