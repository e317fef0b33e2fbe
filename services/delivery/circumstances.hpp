// What is said about a message that its event does not know: when, to whom, in which tone, why.
#pragma once

#include <cstdint>
#include <string>

#include "delivery/dates.hpp"

namespace tollgate::delivery {

enum class Tone {
    neutral,
    playful,  // but never about a dispute, a cancellation, or a big customer who may be lost
};

enum class EmailAddresses { masked, full, hidden };

struct Circumstances {
    Tone tone = Tone::neutral;
    LocalClock clock;
    EmailAddresses email_addresses = EmailAddresses::masked;
    std::string event_id;   // ours; decides the variant of the words, so that a repeat reads the same
    std::string event_url;  // our page about it; https, or empty
    std::string why;        // why these readers get it: "rule: failed payments"; may be empty
    bool replayed = false;
    bool may_be_repeat = false;  // the first attempt's outcome is not known
    bool held_back = false;      // by quiet hours or a broken destination: said to be late whatever its age
    std::uint32_t nth = 0;       // of its story, for channels without threads; 0 and 1 are not told
};

// An event that is older when it is sent is marked as late.
constexpr std::chrono::hours late_after{12};

}  // namespace tollgate::delivery
