#include "load/client_connection.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tollgate::load {

ClientConnection::ClientConnection(std::uint16_t port) : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (fd_ < 0) throw std::system_error{errno, std::generic_category(), "no socket"};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) {
        const int error = errno;
        close(fd_);
        throw std::system_error{error, std::generic_category(), "cannot connect to the server under load"};
    }
}

ClientConnection::ClientConnection(ClientConnection&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      request_{std::move(other.request_)},
      sent_{other.sent_},
      reader_{std::move(other.reader_)} {}

ClientConnection& ClientConnection::operator=(ClientConnection&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(request_, other.request_);
    std::swap(sent_, other.sent_);
    std::swap(reader_, other.reader_);
    return *this;
}

ClientConnection::~ClientConnection() {
    if (fd_ >= 0) close(fd_);
}

std::string& ClientConnection::request() {
    request_.clear();
    sent_ = 0;
    return request_;
}

bool ClientConnection::send() {
    while (!is_sent()) {
        const ssize_t count = ::send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        sent_ += static_cast<std::size_t>(count);
    }
    return true;
}

bool ClientConnection::receive() {
    const std::span<char> room = reader_.room();
    const ssize_t count = recv(fd_, room.data(), room.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    reader_.received(static_cast<std::size_t>(count));
    return count > 0;
}

}  // namespace tollgate::load
