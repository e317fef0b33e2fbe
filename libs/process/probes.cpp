#include "process/probes.hpp"

#include <stdexcept>

namespace tollgate::process {

namespace {

boost::asio::awaitable<http::Response> answer(http::Response response) {
    co_return response;
}

boost::asio::awaitable<http::Response> answer(Health::Report report) {
    return answer(http::json(report.well ? 200 : 503, std::move(report.json)));
}

http::Router routes(const Health& health, const telemetry::Metrics& metrics) {
    http::Router router;
    router.add(http::Method::get, "/healthz/live",
               [&](const http::Request&) { return answer(health.liveness()); });
    router.add(http::Method::get, "/healthz/ready",
               [&](const http::Request&) { return answer(health.readiness()); });
    router.add(http::Method::get, "/metrics", [&](const http::Request&) {
        health.show_readiness();
        http::Response response = http::plain(200, metrics.text());
        response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        return answer(std::move(response));
    });
    return router;
}

}  // namespace

Process::Probes::Probes(const ProcessConfig& config, const Health& health, const telemetry::Metrics& metrics)
    : host_{config.probes_address} {
    auto server = http::Server::start({.address = config.probes_address,
                                       .port = config.probes_port,
                                       .threads = 1,
                                       .limits = {.connections_max = 128, .connections_per_address_max = 64}},
                                      routes(health, metrics));
    if (!server) throw std::runtime_error{"probes: " + server.error().detail};
    server_.emplace(std::move(*server));
}

std::string Process::Probes::address() const {
    return fmt::format("{}:{}", host_, server_->port());
}

}  // namespace tollgate::process
