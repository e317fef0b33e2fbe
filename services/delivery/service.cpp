#include "delivery/service.hpp"

#include <exception>
#include <utility>

#include "process/version.hpp"

namespace tollgate::delivery {

namespace {

constexpr const char* role = "tollgate_delivery";
constexpr std::chrono::milliseconds hint_at_most_every{1};
constexpr std::chrono::minutes silence_max{2};

SenderSettings settings_of(const ServiceConfig& config, const process::DatabaseConfig& database,
                           process::Heartbeat& heartbeat, journal::Announcer& announcer) {
    auto connection = database.connection("tollgate delivery send", role);
    connection.finds_by_index = true;
    return {.connection = std::move(connection),
            .window = config.send.calls_max,
            .lane_most = config.send.destination_calls_max,
            .lease = config.send.lease,
            .call_timeout = config.slack.call_timeout,
            .look_every = config.send.look_every,
            .retries = {.backoff = {.base = config.send.retry_base},
                        .age_max = config.send.retry_age_max,
                        .build = process::version()},
            .appended = [&announcer] { announcer.announce(); },
            .alive = [&heartbeat] { heartbeat.beat(); }};
}

}  // namespace

void ServiceConfig::declare(process::Settings& settings) {
    slack.declare(settings);
    send.declare(settings);
}

Result<std::unique_ptr<Service>> Service::start(const ServiceConfig& config,
                                                const process::DatabaseConfig& database,
                                                const crypto::Keyring& keys, process::Process& process) {
    if (const auto fit = config.send.check(config.slack.call_timeout); !fit)
        return std::unexpected{fit.error()};
    auto slack = SlackClient::make(config.slack);
    if (!slack) return std::unexpected{slack.error()};
    return std::unique_ptr<Service>{new Service{config, database, std::move(*slack), keys, process}};
}

Service::Service(const ServiceConfig& config, const process::DatabaseConfig& database, SlackClient slack,
                 const crypto::Keyring& keys, process::Process& process)
    : announcer_{database.connection("tollgate delivery hint", role), hint_at_most_every},
      channel_{std::move(slack)},
      threads_{config.send.threads},
      sender_{settings_of(config, database, process.health().alive_while("send", silence_max), announcer_),
              channel_, keys, threads_, SendMetrics{process.metrics()}},
      thread_{[this, &process](const std::stop_token& stop) {
          try {
              sender_.run(stop);
          } catch (const std::exception& exception) {
              process.fail_with({ErrorCode::internal, exception.what()});
          }
      }} {}

Service::~Service() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace tollgate::delivery
