// What a destination is set to: how people of that channel want to be told.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::tenants {

enum class DestinationKind : std::uint8_t {
    slack_webhook,  // an incoming webhook's URL: one channel, no threads, nothing that changes later
    slack_bot,      // a bot's token and a channel
};

std::string_view name(DestinationKind kind);  // "slack-webhook"
Result<DestinationKind> parse_destination_kind(std::string_view text);

enum class Tone : std::uint8_t {
    neutral,
    playful,  // but never about a dispute, a cancellation, or a big customer who may be lost
};

enum class EmailAddresses : std::uint8_t { masked, full, hidden };

// In the tenant's zone. Those that begin on one of the days; `from` equal to `until` is all of that day, and
// `until` before `from` is on the day after.
struct QuietHours {
    std::chrono::minutes from{};
    std::chrono::minutes until{};
    std::bitset<7> weekdays;  // 0 is Monday

    bool operator==(const QuietHours&) const = default;
};

struct DestinationSettings {
    std::string channel{};     // Slack's id of it; of a bot always, of a webhook never
    std::string user_group{};  // Slack's id of who is mentioned when somebody must act now; may be empty
    Tone tone = Tone::neutral;
    EmailAddresses email_addresses = EmailAddresses::masked;
    double messages_per_second = 1;
    std::int64_t burst = 3;
    std::chrono::milliseconds sibling_wait{7'000};  // for other events of the same fact
    std::optional<QuietHours> quiet_hours{};
    int digest_hour = 9;  // of the day, in the tenant's zone
    // More messages of one kind than this in five minutes are told as one; 0: each is told by itself.
    std::int64_t storm_after = 8;

    bool operator==(const DestinationSettings&) const = default;
};

// As they are kept: each setting by its name, all of them.
//
//   {"channel": "C0123ABC", "user_group": "S0123ABC", "tone": "neutral", "email_addresses": "masked",
//    "messages_per_second": 1.0, "burst": 3, "sibling_wait_ms": 7000,
//    "quiet_hours": {"from": "22:00", "until": "07:00", "weekdays": ["mon", "fri"]}, "digest_hour": 9,
//    "storm_after": 8}
std::string to_json(const DestinationSettings& settings);

// What is kept. A setting that is not there has its default, one that this release does not know is passed
// over.
Result<DestinationSettings> read_settings(std::string_view kept);

// With the settings that a JSON object names changed; null puts one back to its default. A name or value that
// there is not, or that does not fit the kind, is an error in words.
Result<DestinationSettings> changed(DestinationSettings settings, std::string_view change,
                                    DestinationKind kind);

}  // namespace tollgate::tenants
