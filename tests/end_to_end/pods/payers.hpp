// Senders of payments over connections that they keep: each sends its next request when it has its answer,
// opens another connection when it was told that this one is closed, and tries nothing twice.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tollgate::test {

inline constexpr std::string_view payers_secret = "whsec_0123456789abcdef0123456789abcdef";

class Payers {
public:
    struct Sum {
        int accepted = 0;
        int unanswered = 0;  // a reset, an end, or no connection
        int refused = 0;     // another status than 200
        std::string first_trouble;
        std::vector<std::chrono::microseconds> latencies;  // in order

        std::chrono::microseconds percentile(double share) const;
    };

    // To /v1/in/acme/shop; one payment of 10 euros each.
    Payers(std::uint16_t port, std::size_t connections);
    int accepted() const;
    Sum stop();

private:
    void run(std::size_t place, const std::stop_token& stop);
    void count(std::chrono::microseconds took, bool is_good, const std::string& trouble,
               const std::string& answer);

    const std::uint16_t port_;
    mutable std::mutex mutex_;
    Sum sum_;
    std::vector<std::jthread> threads_;
};

}  // namespace tollgate::test
