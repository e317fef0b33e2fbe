#include "support/http_get.hpp"

#include <stdexcept>

#include "support/raw_socket.hpp"

namespace tollgate::test {

Answer http_get(std::uint16_t port, const std::string& path) {
    try {
        RawConnection connection{port};
        connection.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        const std::string message = connection.read_message();
        const std::size_t body = message.find("\r\n\r\n");
        if (!message.starts_with("HTTP/1.1 ") || body == std::string::npos) return {};
        return {.status = std::stoi(message.substr(9, 3)), .body = message.substr(body + 4)};
    } catch (const std::runtime_error&) {
        return {};  // not listening yet, or no longer: what the caller waits for
    }
}

}  // namespace tollgate::test
