#include "process/probes.hpp"

#include <stdexcept>

namespace tollgate::process {

namespace {

http::Router routes(const Health& health, const telemetry::Metrics& metrics) {
    // Coroutines keep what they capture alive through the router that owns the lambda.
    http::Router router;
    router.add(http::Method::get, "/healthz/live",
               [&health](http::Request) -> boost::asio::awaitable<http::Response> {
                   Health::Report report = health.liveness();
                   co_return http::json(report.well ? 200 : 503, std::move(report.json));
               });
    router.add(http::Method::get, "/healthz/ready",
               [&health](http::Request) -> boost::asio::awaitable<http::Response> {
                   Health::Report report = health.readiness();
                   co_return http::json(report.well ? 200 : 503, std::move(report.json));
               });
    router.add(http::Method::get, "/metrics",
               [&metrics](http::Request) -> boost::asio::awaitable<http::Response> {
                   http::Response response = http::plain(200, metrics.text());
                   response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                   co_return response;
               });
    return router;
}

}  // namespace

Process::Probes::Probes(const ProcessConfig& config, const Health& health, const telemetry::Metrics& metrics)
    : host_{config.probes_address} {
    auto server =
        http::Server::start({.address = config.probes_address, .port = config.probes_port, .threads = 1},
                            routes(health, metrics));
    if (!server) throw std::runtime_error{"probes: " + server.error().detail};
    server_.emplace(std::move(*server));
}

std::string Process::Probes::address() const {
    return fmt::format("{}:{}", host_, server_->port());
}

}  // namespace tollgate::process
