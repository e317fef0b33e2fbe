#include "http/serving.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace tollgate::http {

namespace {

// So many beyond a limit are told that it is met.
std::size_t told_max(std::size_t limit) {
    return limit / 8 + 8;
}

}  // namespace

std::string_view name(Limit limit) {
    constexpr std::array<std::string_view, limit_count> names{"none",
                                                              "connections_max",
                                                              "connections_per_address_max",
                                                              "requests_in_flight_max",
                                                              "bodies_bytes_max",
                                                              "bodies_bytes_per_address_max"};
    return names.at(static_cast<std::size_t>(limit));
}

void Serving::tell(Limit limit, const IpAddress& address) {
    const std::uint64_t times =
        lines.at(static_cast<std::size_t>(limit)).due(std::chrono::steady_clock::now());
    if (times == 0) return;
    telemetry::log::warning("a limit is met, and who comes beyond it is turned away",
                            {{"limit", name(limit)}, {"times", times}, {"address", address.text()}});
}

void Serving::end_connection() {
    --connections;
    if (!draining && !leaving) return;
    // Under the lock, so that the notification cannot fall between the waiter's look and its wait.
    const std::lock_guard lock{mutex};
    connection_ended.notify_all();
}

ConnectionPlace::ConnectionPlace(Serving& serving, const IpAddress& peer) : serving_{serving} {
    if (!serving.trusted_proxies.contains(peer)) use_ = serving.addresses.of(peer);
    const ServerLimits& limits = serving.limits;
    const std::size_t of_address = use_ == nullptr ? 0 : ++use_->connections;
    const std::size_t before = serving.connections++;
    const std::size_t told = before - serving.served;
    if (of_address > limits.connections_per_address_max) {
        limit_ = Limit::connections_per_address;
    } else if (serving.served >= limits.connections_max) {
        limit_ = Limit::connections;
    } else {
        admit();
    }
    const std::size_t beyond = of_address - std::min(of_address, limits.connections_per_address_max);
    is_silent_ =
        told >= told_max(limits.connections_max) || beyond > told_max(limits.connections_per_address_max);
}

ConnectionPlace::~ConnectionPlace() {
    if (use_ != nullptr) --use_->connections;
    if (limit_ == Limit::none) --serving_.served;
    // Before the last notification: the server may be gone after it.
    use_.reset();
    serving_.end_connection();
}

void ConnectionPlace::admit() {
    limit_ = Limit::none;
    ++serving_.served;
}

}  // namespace tollgate::http
