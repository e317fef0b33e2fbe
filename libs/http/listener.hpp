// What is behind a Server: its threads, what each of them owns, and the loop that accepts. Only sources of
// this folder include it.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "http/io_threads.hpp"
#include "http/server.hpp"
#include "http/server_tls.hpp"
#include "http/session.hpp"
#include "http/worker.hpp"
#include "telemetry/sparse_line.hpp"

namespace tollgate::http {

class Listener {
public:
    Listener(const ServerSettings& settings, Router router, Observer observer,
             std::unique_ptr<ServerTls> tls);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    Result<void> listen(const ServerSettings& settings);
    void take_leave(std::chrono::milliseconds window);
    std::size_t stop(std::chrono::milliseconds deadline);

    std::uint16_t port() const { return port_; }
    const Serving& serving() const { return serving_; }
    std::size_t idle_connections() const;

private:
    boost::asio::awaitable<void> accept();
    void hand_over(Worker& worker, boost::asio::ip::tcp::socket socket,
                   const boost::asio::ip::tcp::endpoint& peer);
    void begin(Worker& worker, Arrival arrival);
    // Null if no connection is idle.
    Worker* with_most_idle() const;
    bool wait_for_end(std::chrono::steady_clock::time_point until);

    Serving serving_;
    std::unique_ptr<ServerTls> tls_;
    // Before what runs on them: the event loops must outlive the timers and the acceptor.
    IoThreads threads_;
    std::vector<std::unique_ptr<Worker>> workers_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::uint16_t port_ = 0;
    telemetry::SparseLine refused_line_;
    std::promise<void> accept_ended_;
    bool listening_ = false;
    bool stopped_ = false;
};

}  // namespace tollgate::http
