#include "http/server.hpp"

#include <utility>

#include "http/listener.hpp"

namespace tollgate::http {

Server::Server(std::unique_ptr<Listener> listener) : listener_{std::move(listener)} {}
Server::Server(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(const ServerSettings& settings, Router router, Observer observer) {
    std::unique_ptr<ServerTls> tls;
    if (settings.tls) {
        auto loaded = ServerTls::load(*settings.tls);
        if (!loaded) return std::unexpected{loaded.error()};
        tls = std::move(*loaded);
    }
    auto listener =
        std::make_unique<Listener>(settings, std::move(router), std::move(observer), std::move(tls));
    const auto listening = listener->listen(settings);
    if (!listening) return std::unexpected{listening.error()};
    return Server{std::move(listener)};
}

std::uint16_t Server::port() const {
    return listener_->port();
}

std::size_t Server::connections() const {
    return listener_->serving().connections;
}

std::size_t Server::idle_connections() const {
    return listener_->idle_connections();
}

std::size_t Server::requests_in_flight() const {
    return listener_->serving().requests_in_flight;
}

void Server::take_leave(std::chrono::milliseconds window) {
    listener_->take_leave(window);
}

std::size_t Server::stop(std::chrono::milliseconds deadline) {
    return listener_->stop(deadline);
}

}  // namespace tollgate::http
