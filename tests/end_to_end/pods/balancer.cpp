#include "balancer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tollgate::test {

namespace {

constexpr int look_every_ms = 100;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void close_by_reset(int fd) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool write_all(int fd, const char* bytes, ssize_t count) {
    while (count > 0) {
        const ssize_t written = ::send(fd, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
        if (written <= 0) return false;
        bytes += written;
        count -= written;
    }
    return true;
}

enum class Passed { bytes, end, reset };

Passed pass(int from, int to) {
    std::array<char, 65'536> buffer;
    const ssize_t count = recv(from, buffer.data(), buffer.size(), 0);
    if (count < 0) return Passed::reset;
    if (count == 0) {
        shutdown(to, SHUT_WR);
        return Passed::end;
    }
    return write_all(to, buffer.data(), count) ? Passed::bytes : Passed::reset;
}

// Until both sides have ended, or one has reset.
void carry(int client, int backend, const std::stop_token& stop) {
    std::array<pollfd, 2> sides{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                pollfd{.fd = backend, .events = POLLIN, .revents = 0}};
    int open = 2;
    while (open > 0 && !stop.stop_requested()) {
        if (poll(sides.data(), sides.size(), look_every_ms) <= 0) continue;
        for (std::size_t side = 0; side < sides.size(); ++side) {
            if (sides.at(side).fd < 0 || sides.at(side).revents == 0) continue;
            const Passed passed = pass(side == 0 ? client : backend, side == 0 ? backend : client);
            if (passed == Passed::bytes) continue;
            if (passed == Passed::reset) {
                close_by_reset(client);
                close_by_reset(backend);
                open = 0;
                break;
            }
            sides.at(side).fd = -1;  // poll passes it by
            --open;
        }
    }
    close(client);
    close(backend);
}

}  // namespace

Balancer::Balancer() : listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        listen(listener_, SOMAXCONN) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error{"the balancer cannot listen"};
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this](const std::stop_token& stop) { accept(stop); }};
}

Balancer::~Balancer() {
    thread_.request_stop();
    thread_.join();
    connections_.clear();
    close(listener_);
}

void Balancer::add(std::uint16_t backend) {
    const std::lock_guard lock{mutex_};
    backends_.push_back(backend);
}

void Balancer::remove(std::uint16_t backend) {
    const std::lock_guard lock{mutex_};
    std::erase(backends_, backend);
}

void Balancer::accept(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, look_every_ms) <= 0) continue;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        const int backend = connect_to_next();
        if (backend < 0) {
            ++refused_;
            close_by_reset(client);
            close(client);
            continue;
        }
        const int yes = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        setsockopt(backend, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connections_.emplace_back(
            [client, backend](const std::stop_token& told) { carry(client, backend, told); });
    }
}

int Balancer::connect_to_next() {
    std::uint16_t backend = 0;
    {
        const std::lock_guard lock{mutex_};
        if (backends_.empty()) return -1;
        backend = backends_.at(turn_++ % backends_.size());
    }
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(backend);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

}  // namespace tollgate::test
