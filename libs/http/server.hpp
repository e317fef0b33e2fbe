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

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/client_address.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

namespace tollgate::http {

// Timeouts are for the whole of what they name, not for each read: a peer that sends a byte a second gains
// nothing. They are looked at ten times a second. What one address may have keeps it from having all; of IPv6
// the network of 64 bits counts. A trusted proxy is no sender: its connections have no such limit, and bodies
// count for whom it forwards them for.
struct ServerLimits {
    std::size_t header_bytes_max = std::size_t{32} * 1024;      // request line and all headers (431)
    std::uint64_t body_bytes_max = std::uint64_t{1024} * 1024;  // unless the route says otherwise (413)
    std::chrono::milliseconds header_timeout =
        std::chrono::seconds{10};  // from connecting or the first byte (408)
    std::chrono::milliseconds body_timeout = std::chrono::seconds{30};  // from the end of the head (408)
    // A body that is further behind this rate than the grace ends at once (408).
    std::uint64_t body_bytes_per_second_min = std::uint64_t{8} * 1024;
    std::chrono::milliseconds body_grace = std::chrono::seconds{5};
    std::chrono::milliseconds idle_timeout = std::chrono::seconds{75};   // between two requests
    std::chrono::milliseconds write_timeout = std::chrono::seconds{30};  // for the whole answer
    // Beyond: who has been idle for longest makes way (of the address, if it is its limit), else 503.
    std::size_t connections_max = 4096;
    std::size_t connections_per_address_max = 1024;
    std::size_t requests_in_flight_max = 2048;  // in handlers; beyond: 503
    // Of all bodies together that are being read or handled; beyond: 503.
    std::uint64_t bodies_bytes_max = std::uint64_t{256} * 1024 * 1024;
    std::uint64_t bodies_bytes_per_address_max = std::uint64_t{64} * 1024 * 1024;
};

// What somebody met who was turned away with 503.
enum class Limit {
    none,
    connections,
    connections_per_address,
    requests_in_flight,
    bodies_bytes,
    bodies_bytes_per_address,
};
inline constexpr std::size_t limit_count = 6;
// As ServerLimits has it: "connections_max".
std::string_view name(Limit limit);

// Files in PEM. When they change, connections accepted from then on get the new certificate.
struct TlsSettings {
    std::string certificate_file;  // with the intermediates
    std::string key_file;
    // Told when a certificate is taken up, at the start and when it was renewed: when it ends.
    std::function<void(Timestamp)> taken_up{};
};

struct ServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    std::size_t threads = 1;
    ServerLimits limits;
    TrustedProxies trusted_proxies{};
    std::optional<TlsSettings> tls;
    // A sign of life of each thread, told by its number: every second, until the server is told to stop. It
    // must not throw or block.
    std::function<void(std::size_t)> alive{};
};

// One answer, or a connection that was closed without one because a limit was met (status 0), for counting.
// All of it comes from closed sets but the duration.
struct Observation {
    std::string_view route;  // the pattern; "unmatched" if there was none, "unread" if the head was not whole
    Method method = Method::other;
    int status = 0;
    std::chrono::nanoseconds duration{};  // from the first byte of the request to the last of the answer
    Limit limit = Limit::none;            // the one that was met
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
    std::size_t idle_connections() const;  // of these, those that wait for a request
    std::size_t requests_in_flight() const;

    // Tells every connection, by its next answer, that it is to be closed, and goes on accepting; returns
    // when none is left or the window is over. Before `stop`, which closes idle ones that may be about to
    // send.
    void take_leave(std::chrono::milliseconds window);

    // Accepts no more, closes idle connections, lets the others finish what they have begun, and returns
    // when all are gone or the deadline has passed; then what is left is cut off. Tells how many that were.
    // Called by one thread, and never by a handler.
    std::size_t stop(std::chrono::milliseconds deadline);

private:
    explicit Server(std::unique_ptr<Listener> listener);

    std::unique_ptr<Listener> listener_;
};

}  // namespace tollgate::http
