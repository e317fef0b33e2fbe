// What stands between senders and pods: it gives each new connection to one of those in rotation, and passes
// bytes on, a reset as a reset. Who is taken out of rotation keeps the connections that he has.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace tollgate::test {

class Balancer {
public:
    Balancer();
    ~Balancer();
    Balancer(const Balancer&) = delete;
    Balancer& operator=(const Balancer&) = delete;

    std::uint16_t port() const { return port_; }
    void add(std::uint16_t backend);
    void remove(std::uint16_t backend);
    // Connections that nobody took.
    int refused() const { return refused_; }

private:
    void accept(const std::stop_token& stop);
    // -1 if nobody takes it.
    int connect_to_next();

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<std::uint16_t> backends_;
    std::size_t turn_ = 0;
    std::atomic<int> refused_ = 0;
    std::list<std::jthread> connections_;
    std::jthread thread_;
};

}  // namespace tollgate::test
