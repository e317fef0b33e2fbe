// Tells the keeper that something was appended, so that a tick comes at once and not when it looks next. Only
// a hint: one that is lost costs a moment.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "postgres/connection.hpp"

namespace tollgate::journal {

class Announcer {
public:
    // On a connection of its own: a NOTIFY inside of the appending transactions would make their commits wait
    // for each other.
    Announcer(postgres::ConnectionSettings connection, std::chrono::milliseconds at_most_every);
    ~Announcer();
    Announcer(const Announcer&) = delete;
    Announcer& operator=(const Announcer&) = delete;

    // After a commit that appended. Returns at once; many calls make few hints.
    void announce();

private:
    void run(const std::stop_token& stop);
    void tell(std::optional<postgres::Connection>& connection) const;

    const postgres::ConnectionSettings connection_settings_;
    const std::chrono::milliseconds at_most_every_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool wanted_ = false;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::journal
