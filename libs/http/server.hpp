// An HTTP/1.1 server: keep-alive, pipelining, a named limit for everything a peer can make it spend, and
// a drain that answers what was begun.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

namespace tollgate::http {

// Timeouts are for the whole of what they name, not for each read: a peer that sends a byte a second gains
// nothing. They are looked at ten times a second.
struct ServerLimits {
    std::size_t header_bytes_max = std::size_t{32} * 1024;      // request line and all headers (431)
    std::uint64_t body_bytes_max = std::uint64_t{1024} * 1024;  // unless the route says otherwise (413)
    std::chrono::milliseconds header_timeout =
        std::chrono::seconds{10};  // from connecting or the first byte (408)
    std::chrono::milliseconds body_timeout = std::chrono::seconds{30};   // from the end of the head (408)
    std::chrono::milliseconds idle_timeout = std::chrono::seconds{75};   // between two requests
    std::chrono::milliseconds write_timeout = std::chrono::seconds{30};  // for the whole answer
    std::size_t connections_max = 4096;                                  // beyond: 503 and closed
    std::size_t requests_in_flight_max = 2048;                           // in handlers; beyond: 503
    // Of all bodies together that are being read or handled; beyond: 503.
    std::uint64_t bodies_bytes_max = std::uint64_t{256} * 1024 * 1024;
};

// Files in PEM. When they change, connections accepted from then on get the new certificate.
struct TlsSettings {
    std::string certificate_file;  // with the intermediates
    std::string key_file;
};

struct ServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    std::size_t threads = 1;
    ServerLimits limits;
    std::optional<TlsSettings> tls;
};

// One answer, for counting. All of it comes from closed sets but the duration.
struct Observation {
    std::string_view route;  // the pattern; "unmatched" if there was none, "unread" if the head was not whole
    Method method = Method::other;
    int status = 0;
    std::chrono::nanoseconds duration{};  // from the first byte of the request to the last of the answer
};

// Called on any of the server's threads; it must not throw or block.
using Observer = std::function<void(const Observation&)>;

class Listener;

class Server {
public:
    // Listens when it returns.
    static Result<Server> start(const ServerSettings& settings, Router router, Observer observer = {});

    Server(Server&&) noexcept;
    Server& operator=(Server&&) = delete;
    // Stops at once if nobody did. Waits for handlers that still wait for a completion: those who answer
    // completions are stopped after the server's `stop` and before its end.
    ~Server();

    std::uint16_t port() const;
    std::size_t connections() const;
    std::size_t requests_in_flight() const;

    // Accepts no more, closes idle connections, lets the others finish what they have begun, and returns
    // when all are gone or the deadline has passed; then what is left is cut off. Tells how many that were.
    // Called by one thread, and never by a handler.
    std::size_t stop(std::chrono::milliseconds deadline);

private:
    explicit Server(std::unique_ptr<Listener> listener);

    std::unique_ptr<Listener> listener_;
};

}  // namespace tollgate::http
