#include "delivery/event_moments.hpp"

#include <algorithm>

namespace tollgate::delivery {

Moment evidence_due(const v1::PaymentEvent& event) {
    return time_of(event.has_evidence_due(), event.evidence_due());
}

Moment ends_at(const v1::PaymentEvent& event) {
    return time_of(event.has_ends_at(), event.ends_at());
}

Moment trial_end(const v1::PaymentEvent& event) {
    return time_of(event.has_trial_end(), event.trial_end());
}

Moment next_attempt(const v1::PaymentEvent& event) {
    return time_of(event.has_next_attempt(), event.next_attempt());
}

Moment ahead_of(Timestamp now, const Moment& at) {
    return at && *at > now ? at : std::nullopt;
}

std::string time_left(const Moment& at, Timestamp now) {
    if (!ahead_of(now, at)) return {};
    constexpr std::chrono::seconds on_its_way_max = std::chrono::hours{1};
    constexpr int part = 24;
    const auto left = std::chrono::floor<std::chrono::seconds>(*at - now);
    return span_text(left + std::min(on_its_way_max, left / part));
}

}  // namespace tollgate::delivery
