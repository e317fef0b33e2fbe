// Providers that send webhooks of their keys, each again until it has heard 200, and only then the key's
// next.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "world.hpp"

namespace tollgate::test {

class Senders {
public:
    explicit Senders(const World& world);

    // Ends them. By key: the ids that they were told, in the order of sending.
    std::map<std::string, std::vector<std::string>> stop();
    std::size_t accepted() const { return accepted_; }
    // What was answered that neither is 200 nor asks for another try.
    std::map<int, int> strange() const;

private:
    void run(std::size_t place, const std::stop_token& stop);
    std::string send(const std::string& body, std::size_t place);

    const World& world_;
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> ids_;
    std::map<int, int> strange_;
    std::atomic<std::size_t> accepted_ = 0;
    std::vector<std::jthread> threads_;
};

}  // namespace tollgate::test
