#include "support/raw_socket.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/wait.hpp"

namespace tollgate::test {

namespace {

constexpr std::chrono::milliseconds deadline = std::chrono::seconds{10};

[[noreturn]] void fail(std::string_view what) {
    throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)};
}

bool wait_for(int fd, short events, std::chrono::milliseconds within) {
    pollfd entry{.fd = fd, .events = events, .revents = 0};
    return poll(&entry, 1, static_cast<int>(within.count())) == 1;
}

sockaddr_in loopback(std::uint16_t port, std::uint8_t host = 1) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
    address.sin_port = htons(port);
    return address;
}

std::size_t content_length(std::string head) {
    for (char& c : head) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    constexpr std::string_view name = "\r\ncontent-length: ";
    const std::size_t begin = head.find(name);
    std::size_t length = 0;
    if (begin == std::string::npos) return length;
    const char* digits = head.data() + begin + name.size();
    std::from_chars(digits, head.data() + head.size(), length);
    return length;
}

// As in /proc/net/tcp: the address as this machine keeps it, and the port.
std::string as_listed(const sockaddr_in& address) {
    return fmt::format("{:08X}:{:04X}", address.sin_addr.s_addr, ntohs(address.sin_port));
}

// Whether the other end, which is on this machine too, has taken all that was sent from its socket.
bool is_read(int fd) {
    sockaddr_in own{};
    sockaddr_in other{};
    socklen_t length = sizeof own;
    getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&other), &length) != 0) return true;  // it has closed
    const std::string pair = fmt::format(" {} {} ", as_listed(other), as_listed(own));
    std::ifstream sockets{"/proc/net/tcp"};
    for (std::string line; std::getline(sockets, line);) {
        const std::size_t found = line.find(pair);
        if (found == std::string::npos) continue;
        // "st tx_queue:rx_queue", of 2, 8 and 8 digits.
        return line.substr(found + pair.size() + 12, 8) == "00000000";
    }
    return true;
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, std::uint8_t from)
    : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const sockaddr_in own = loopback(0, from);
    const sockaddr_in address = loopback(port);
    if ((from != 1 && bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) ||
        connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int reason = errno;
        close(fd_);
        errno = reason;
        fail("connect");
    }
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, buffer_{std::move(other.buffer_)} {}

RawConnection::~RawConnection() {
    if (fd_ >= 0) close(fd_);
}

void RawConnection::send(std::string_view bytes) {
    if (!try_send(bytes)) fail("send");
}

bool RawConnection::try_send(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!wait_for(fd_, POLLOUT, deadline)) throw std::runtime_error{"the peer takes no more"};
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawConnection::send_apart(std::string_view bytes) {
    if (!try_send(bytes)) return false;
    if (!wait_until([this] { return is_read(fd_); }, deadline))
        throw std::runtime_error{"the peer does not read"};
    return true;
}

void RawConnection::finish_sending() {
    shutdown(fd_, SHUT_WR);
}

void RawConnection::reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(std::exchange(fd_, -1));
}

bool RawConnection::read_more() {
    if (!readable(deadline)) throw std::runtime_error{"nothing came in time, after: " + buffer_};
    std::array<char, 65536> block{};
    const ssize_t count = recv(fd_, block.data(), block.size(), 0);
    if (count > 0) buffer_.append(block.data(), static_cast<std::size_t>(count));
    return count > 0;
}

std::string RawConnection::read_until(std::string_view mark) {
    while (buffer_.find(mark) == std::string::npos) {
        if (!read_more()) throw std::runtime_error{"the connection ended after: " + buffer_};
    }
    return read_exactly(buffer_.find(mark) + mark.size());
}

std::string RawConnection::read_exactly(std::size_t count) {
    while (buffer_.size() < count) {
        if (!read_more()) throw std::runtime_error{"the connection ended after: " + buffer_};
    }
    std::string taken = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return taken;
}

std::string RawConnection::read_to_end() {
    while (read_more()) {
    }
    return std::exchange(buffer_, {});
}

std::string RawConnection::read_message(bool without_body) {
    std::string message = read_until("\r\n\r\n");
    if (!without_body) message += read_exactly(content_length(message));
    return message;
}

bool RawConnection::readable(std::chrono::milliseconds within) {
    return wait_for(fd_, POLLIN, within);
}

RawListener::RawListener() : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, generic, length) != 0 || listen(fd_, 16) != 0 || getsockname(fd_, generic, &length) != 0) {
        fail("listen");
    }
    port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() {
    close(fd_);
}

RawConnection RawListener::accept() {
    if (!has_connection(deadline)) throw std::runtime_error{"nobody connected in time"};
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) fail("accept");
    return RawConnection::adopt(fd);
}

bool RawListener::has_connection(std::chrono::milliseconds within) const {
    return wait_for(fd_, POLLIN, within);
}

}  // namespace tollgate::test
