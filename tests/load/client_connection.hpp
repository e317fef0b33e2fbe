// A keep-alive connection that never blocks, with one request in flight at a time.
#pragma once

#include <cstdint>
#include <string>

#include "load/answer_reader.hpp"

namespace tollgate::load {

class ClientConnection {
public:
    // Throws std::system_error when nobody listens.
    explicit ClientConnection(std::uint16_t port);
    ClientConnection(ClientConnection&& other) noexcept;
    ClientConnection& operator=(ClientConnection&& other) noexcept;
    ~ClientConnection();

    int fd() const { return fd_; }

    // Where the next request is put together.
    std::string& request();
    // What of it the socket takes. False when the peer has closed.
    bool send();
    bool is_sent() const { return sent_ == request_.size(); }

    // What has come. False when the peer has closed.
    bool receive();
    Result<std::optional<Answer>> answer() { return reader_.next(); }
    // Whether all that came was taken as answers.
    bool is_read() const { return reader_.empty(); }

private:
    int fd_ = -1;
    std::string request_;
    std::size_t sent_ = 0;
    AnswerReader reader_;
};

}  // namespace tollgate::load
