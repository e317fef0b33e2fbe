// What the commands of destinations share: their settings as flags, and how one is shown.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "delivery/lanes.hpp"
#include "delivery/slack_client.hpp"
#include "delivery/slack_config.hpp"
#include "process/seal_config.hpp"
#include "tenants/destinations.hpp"
#include "tollgate/operator_session.hpp"

namespace tollgate {

// A flag for each setting; "default" puts it back.
struct DestinationFlags {
    std::string settings;  // JSON, or @FILE
    std::string channel;
    std::string user_group;
    std::string tone;
    std::string email_addresses;
    std::string messages_per_second;
    std::string burst;
    std::string sibling_wait_ms;
    std::string quiet_hours;
    std::string digest_hour;
    std::string storm_after;

    void declare(process::Settings& flags);
    // The JSON object of what was given; "{}" if nothing was.
    Result<std::string> json() const;
};

struct DestinationConfig : OperatorConfig {
    process::SealConfig seal;
    delivery::SlackConfig slack;
    std::string slug;
    std::string kind;
    std::string secret_file;
    DestinationFlags flags;

    void declare_one(process::Settings& settings);     // which, and whose
    void declare_change(process::Settings& settings);  // and why
    void declare_secret(process::Settings& settings);
};

// The secret of the flag, looked at as `create` and `reconnect` do.
Result<tenants::CheckedSecret> read_destination_secret(const DestinationConfig& config,
                                                       const delivery::SlackClient& slack,
                                                       tenants::DestinationKind kind);

// A destination, and what is the matter with what is sent to it.
struct StandingDestination {
    tenants::DestinationState destination;
    std::optional<delivery::LaneStanding> trouble{};
};
Result<StandingDestination> with_trouble(postgres::Transaction& tx, Result<tenants::DestinationState> found);
std::vector<StandingDestination> with_trouble(postgres::Transaction& tx,
                                              std::vector<tenants::DestinationState> found);

process::Exit print_destination(const StandingDestination& one, bool json);
process::Exit print_destinations(const std::vector<StandingDestination>& all, bool json);

}  // namespace tollgate
