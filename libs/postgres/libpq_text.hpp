// What libpq says, made fit for our errors; and waiting on its socket.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

struct pg_conn;

namespace tollgate::postgres {

// libpq spreads its messages over lines; ours are one line.
std::string one_line(std::string_view message);

// "127.0.0.1:5433/tollgate": enough to find the server, nothing that is secret.
std::string address_of(const pg_conn* connection);

// True when there is something to do, or might be; false when the deadline has passed.
bool is_ready(int socket, short events, std::chrono::steady_clock::time_point deadline);

}  // namespace tollgate::postgres
