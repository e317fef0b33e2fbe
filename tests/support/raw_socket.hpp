// Blocking sockets on 127.0.0.1 for peers that do what no library would: half requests, lies about length,
// silence. Everything has a deadline of ten seconds and throws std::runtime_error when that has passed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::test {

class RawConnection {
public:
    // From 127.0.0.`from`: to a server, each is another sender.
    explicit RawConnection(std::uint16_t port, std::uint8_t from = 1);
    static RawConnection adopt(int fd) { return RawConnection{Accepted{fd}}; }
    RawConnection(RawConnection&& other) noexcept;
    RawConnection& operator=(RawConnection&&) = delete;
    ~RawConnection();

    void send(std::string_view bytes);
    // False when the peer has closed.
    bool try_send(std::string_view bytes);
    // As a segment of its own: the other side has read it when this returns.
    bool send_apart(std::string_view bytes);
    void finish_sending();
    // Closes by a reset, so that the peer loses what it has not read yet.
    void reset();

    // Up to and with the first occurrence of `mark`. Throws if the connection ends before.
    std::string read_until(std::string_view mark);
    std::string read_exactly(std::size_t count);
    // What comes until the peer closes; a reset ends it too.
    std::string read_to_end();
    // One HTTP message: the head, and as much body as its Content-Length says.
    std::string read_message(bool without_body = false);

    // Whether something, or the end, can be read within that time.
    bool readable(std::chrono::milliseconds within);

private:
    struct Accepted {
        int fd;
    };
    explicit RawConnection(Accepted accepted) : fd_{accepted.fd} {}
    bool read_more();

    int fd_ = -1;
    std::string buffer_;
};

class RawListener {
public:
    RawListener();
    ~RawListener();
    RawListener(const RawListener&) = delete;
    RawListener& operator=(const RawListener&) = delete;

    std::uint16_t port() const { return port_; }
    RawConnection accept();
    bool has_connection(std::chrono::milliseconds within) const;

private:
    int fd_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace tollgate::test
