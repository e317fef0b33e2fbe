// The requests of a run, planned and signed before it begins, so that sending one costs only putting it
// together.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/secret.hpp"
#include "load/stripe_body.hpp"

namespace tollgate::load {

struct TrafficSettings {
    std::string host;  // "127.0.0.1:8080"
    std::string path;  // "/v1/in/acme/stripe"
    Secret secret;
    std::size_t body_bytes = 1024;
    std::size_t requests = 0;
    double repeats = 0.1;  // how many of the requests bring an event that came before, with the same bytes
    std::size_t repeats_after = 0;       // and it came at least so many requests before
    std::uint64_t seed = 0;              // of another seed, events have other ids
    std::chrono::sys_seconds signed_at;  // a receiver refuses what was signed minutes ago
};

class Traffic {
public:
    explicit Traffic(const TrafficSettings& settings);

    std::size_t size() const { return event_of_.size(); }
    // Events are counted from 0 in the order of their first requests.
    std::size_t events() const { return signatures_.size(); }
    std::size_t event_of(std::size_t request) const { return event_of_[request]; }

    // Appends the whole HTTP request.
    void append(std::size_t request, std::string& out) const;

private:
    void plan(const TrafficSettings& settings);
    void sign(const TrafficSettings& settings);

    StripeBody body_;
    std::string before_signature_;
    std::string after_signature_;
    std::vector<std::uint32_t> event_of_;
    std::vector<std::array<char, 32>> signatures_;
};

}  // namespace tollgate::load
