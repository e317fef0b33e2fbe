// How Slack is called: the settings [slack].
#pragma once

#include <chrono>
#include <string>

#include "process/settings.hpp"

namespace tollgate::delivery {

struct SlackConfig {
    std::string api_url = "https://slack.com/api";
    std::chrono::milliseconds call_timeout{10'000};  // for all of one call; a lease has to outlast it
    process::ByteSize answer_max{std::uint64_t{64} << 10U};
    // Names with commas between them. What tenants enter may lead there although it is private, and without
    // TLS; nowhere else.
    std::string internal_hosts;
    std::string ca_file;

    void declare(process::Settings& settings);
};

}  // namespace tollgate::delivery
