#include "ingress/failure_limiter.hpp"

#include <algorithm>
#include <string_view>

namespace tollgate::ingress {

std::size_t FailureLimiter::Hash::operator()(const Key& key) const noexcept {
    const auto& bytes = key.network.bytes();
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT
    return std::hash<std::string_view>{}(text) * 31 + std::hash<Uuid>{}(key.source);
}

// Of IPv6 the network counts: whoever has one has 2^64 addresses.
FailureLimiter::Key FailureLimiter::key_of(const http::IpAddress& address, const Uuid& source) {
    if (address.is_v4()) return {address, source};
    auto bytes = address.bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return {http::IpAddress::v6(bytes), source};
}

double FailureLimiter::count_at(const Failures& failures, TimePoint now) const {
    const double seconds = std::chrono::duration<double>(now - failures.at).count();
    return std::max(0.0, failures.count - seconds * limits_.per_second);
}

bool FailureLimiter::may_try(const http::IpAddress& address, const Uuid& source, TimePoint now) {
    const std::lock_guard lock{mutex_};
    if (places_.empty()) return true;
    const auto found = places_.find(key_of(address, source));
    return found == places_.end() || count_at(*found->second, now) + 1 <= limits_.burst;
}

void FailureLimiter::failed(const http::IpAddress& address, const Uuid& source, TimePoint now) {
    const std::lock_guard lock{mutex_};
    const Key key = key_of(address, source);
    const auto found = places_.find(key);
    if (found != places_.end()) {
        Failures& failures = *found->second;
        failures.count = count_at(failures, now) + 1;
        failures.at = now;
        recent_.splice(recent_.begin(), recent_, found->second);
        return;
    }
    recent_.push_front({.key = key, .count = 1, .at = now});
    places_[key] = recent_.begin();
    if (places_.size() <= limits_.remembered_max) return;
    places_.erase(recent_.back().key);
    recent_.pop_back();
}

}  // namespace tollgate::ingress
