// Times as people read them. What zone a tenant has on which day is reckoned in SQL; here an offset from UTC
// is enough. It is the one that holds at `now`: a time of day beyond a change of clocks is an hour off, which
// is why it always carries its offset, and why Slack is given the moment itself and not these words.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <google/protobuf/timestamp.pb.h>

#include "core/clock.hpp"

namespace tollgate::delivery {

struct LocalClock {
    Timestamp now;
    std::chrono::seconds utc_offset{0};
};

// Nothing if it is absent, zero, or in no year that a payment can be in.
std::optional<Timestamp> time_of(bool present, const google::protobuf::Timestamp& time);

std::string day_text(Timestamp time, const LocalClock& clock);  // "Thu 26 Nov", in another year "26 Nov 2027"
std::string moment_text(Timestamp time, const LocalClock& clock);  // "Thu 26 Nov, 09:00 UTC+1"

// "3 days", "18 hours", "5 minutes", "less than a minute"; months and years beyond.
std::string span_text(std::chrono::seconds span);

}  // namespace tollgate::delivery
