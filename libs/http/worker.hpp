// What belongs to one of the server's threads: its connections and their deadlines. Only sources of this
// folder include it; all of it runs on that thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/server.hpp"

namespace tollgate::http {

class Session;

// What the sessions of one server share, on all its threads.
struct Serving {
    Router router;
    Observer observer;
    ServerLimits limits;
    std::atomic<std::size_t> connections = 0;
    std::atomic<std::size_t> requests_in_flight = 0;
    std::atomic<std::uint64_t> bodies_bytes = 0;
    std::atomic<bool> draining = false;
    std::mutex mutex;
    std::condition_variable connection_ended;  // notified while draining

    void end_connection();
};

// The share of one request's body in what all bodies together may have, until the request is answered.
class BodyShare {
public:
    explicit BodyShare(Serving& serving) : serving_{serving} {}
    BodyShare(const BodyShare&) = delete;
    BodyShare& operator=(const BodyShare&) = delete;
    ~BodyShare() { serving_.bodies_bytes -= bytes_; }

    // False if that is more than there is room for.
    bool grow_to(std::uint64_t bytes) {
        if (bytes <= bytes_) return true;
        const std::uint64_t more = bytes - bytes_;
        bytes_ = bytes;
        return (serving_.bodies_bytes += more) <= serving_.limits.bodies_bytes_max;
    }

private:
    Serving& serving_;
    std::uint64_t bytes_ = 0;
};

class Worker {
public:
    Worker(boost::asio::any_io_executor executor, Serving& serving);

    const boost::asio::any_io_executor& executor() const { return executor_; }
    Serving& serving() { return serving_; }

    void add(Session& session);
    void remove(Session& session);

    void drain();
    void cut();

    // The Date header's value, made once a second.
    std::string_view date();

private:
    void tick();

    boost::asio::any_io_executor executor_;
    Serving& serving_;
    // One timer for all connections: arming one per read costs more than the read.
    boost::asio::steady_timer ticker_;
    bool ticking_ = false;
    std::unordered_set<Session*> sessions_;
    std::chrono::sys_seconds date_time_;
    std::string date_;
};

}  // namespace tollgate::http
