// What belongs to one of the server's threads: its connections and their deadlines. Only sources of this
// folder include it; all of it runs on that thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/serving.hpp"

namespace tollgate::http {

class Session;

class Worker {
public:
    Worker(boost::asio::any_io_executor executor, Serving& serving);

    const boost::asio::any_io_executor& executor() const { return executor_; }
    Serving& serving() { return serving_; }

    // Where a session stands: among those that wait for a request, or not.
    struct Seat {
        std::list<Session*>::iterator at;
        bool idle = false;
    };
    Seat add(Session& session);
    void remove(const Seat& seat);
    void set_idle(Seat& seat, bool idle);

    // From any thread: how many there are to choose from.
    std::size_t idle() const { return idle_count_.load(std::memory_order_relaxed); }
    // Ends the connection that has been idle for longest, of that address if one is given. False if none is.
    bool close_longest_idle(const AddressUse* of);

    // Tells that its thread lives, once a second until the drain.
    void tell_alive(std::function<void()> alive);
    void drain();
    void cut();

    // The Date header's value, made once a second.
    std::string_view date();

private:
    void tick();
    void pulse();

    boost::asio::any_io_executor executor_;
    Serving& serving_;
    // One timer for all connections: arming one per read costs more than the read.
    boost::asio::steady_timer ticker_;
    bool ticking_ = false;
    boost::asio::steady_timer pulse_;
    std::function<void()> alive_;
    std::list<Session*> busy_;
    std::list<Session*> idle_;  // who has been so for longest is first
    std::atomic<std::size_t> idle_count_ = 0;
    std::chrono::sys_seconds date_time_;
    std::string date_;
};

}  // namespace tollgate::http
