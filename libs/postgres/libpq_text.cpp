#include "postgres/libpq_text.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace tollgate::postgres {

std::string one_line(std::string_view message) {
    std::string line;
    for (const char c : message) {
        if (c == '\n' || c == '\t') {
            if (!line.empty() && line.back() != ' ') line.push_back(' ');
        } else {
            line.push_back(c);
        }
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

std::string address_of(const PGconn* connection) {
    const auto or_unknown = [](const char* text) { return text == nullptr || *text == '\0' ? "?" : text; };
    return fmt::format("{}:{}/{}", or_unknown(PQhost(connection)), or_unknown(PQport(connection)),
                       or_unknown(PQdb(connection)));
}

bool is_ready(int socket, short events, std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd descriptor{.fd = socket, .events = events, .revents = 0};
    if (left.count() <= 0) return false;
    // What interrupts is looked at by the caller as if something had come: it finds nothing and comes back.
    return poll(&descriptor, 1, static_cast<int>(left.count())) != 0;
}

}  // namespace tollgate::postgres
