#include "ingress/failure_limiter.hpp"

#include <algorithm>

namespace tollgate::ingress {

std::size_t FailureLimiter::Hash::operator()(const Key& key) const noexcept {
    std::uint64_t mixed = std::hash<http::IpAddress>{}(key.network) * 31 + std::hash<Uuid>{}(key.source);
    // All bits must depend on all: ids that are made one after the other differ in few.
    mixed = (mixed ^ (mixed >> 32U)) * 0x9E37'79B9'7F4A'7C15;
    return mixed ^ (mixed >> 29U);
}

FailureLimiter::Key FailureLimiter::key_of(const http::IpAddress& address, const Uuid& source) {
    return {address.sender_network(), source};
}

std::uint32_t FailureLimiter::factor_of(const Key& key, TimePoint now) const {
    return known_.knows(Hash{}(key), now) ? limits_.known_factor : 1;
}

double FailureLimiter::count_at(const Failures& failures, TimePoint now) const {
    const double seconds = std::chrono::duration<double>(now - failures.at).count();
    const double forgiven = seconds * limits_.per_second * factor_of(failures.key, now);
    return std::max(0.0, failures.count - forgiven);
}

bool FailureLimiter::may_try(const http::IpAddress& address, const Uuid& source, TimePoint now) {
    const std::lock_guard lock{mutex_};
    if (places_.empty()) return true;
    const Key key = key_of(address, source);
    const auto found = places_.find(key);
    if (found == places_.end()) return true;
    return count_at(*found->second, now) + 1 <= static_cast<double>(limits_.burst) * factor_of(key, now);
}

void FailureLimiter::verified(const http::IpAddress& address, const Uuid& source, TimePoint now) {
    known_.note(Hash{}(key_of(address, source)), now);
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
