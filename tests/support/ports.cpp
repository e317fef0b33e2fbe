#include "support/ports.hpp"

#include <mutex>
#include <random>
#include <set>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tollgate::test {

namespace {

// Below Linux's range for outgoing connections (from 32768), so that none of those takes the port in the
// meantime; the same as in deploy/local/port.
constexpr std::uint16_t lowest = 20000;
constexpr std::uint16_t highest = 31999;

bool is_free(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error{"the system gives no socket to try a port with"};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return bound;
}

}  // namespace

std::uint16_t free_port() {
    static std::mutex mutex;
    static std::set<std::uint16_t> given;
    // At random, because the tests that run beside this one choose as well.
    static std::mt19937 random{std::random_device{}()};
    const std::lock_guard lock{mutex};
    for (int attempt = 0; attempt < highest - lowest; ++attempt) {
        const std::uint16_t port = std::uniform_int_distribution<std::uint16_t>{lowest, highest}(random);
        if (!given.contains(port) && is_free(port)) {
            given.insert(port);
            return port;
        }
    }
    throw std::runtime_error{"no free port on 127.0.0.1 from 20000 to 31999"};
}

}  // namespace tollgate::test
