// Answers messages as Slack's webhooks do, fast and without looking at them, and notes when each came.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "http/server.hpp"

namespace tollgate::load {

enum class Mood {
    good,
    slow,     // three seconds
    slower,   // eight
    failing,  // "rollup_error"
    limited,  // every other call is one too many
    silent,   // no answer in any caller's time
};

// As much of an event's id as a message shows.
std::string as_named(const std::string& event_id);

struct Arrival {
    std::string channel;
    std::string event;  // as the message names it
    std::chrono::steady_clock::time_point at;
    bool taken = false;  // it was answered with 200
};

class SlackStandIn {
public:
    SlackStandIn();
    ~SlackStandIn();
    SlackStandIn(const SlackStandIn&) = delete;
    SlackStandIn& operator=(const SlackStandIn&) = delete;

    std::string webhook(const std::string& channel) const;
    void set(const std::string& channel, Mood mood);
    // What came since the last time.
    std::vector<Arrival> take();
    std::size_t taken() const;

private:
    boost::asio::awaitable<http::Response> handle(http::Request request);

    mutable std::mutex mutex_;
    std::map<std::string, Mood> moods_;
    std::map<std::string, std::size_t> calls_;
    std::vector<Arrival> arrivals_;
    std::size_t taken_ = 0;
    std::unique_ptr<http::Server> server_;
};

}  // namespace tollgate::load
