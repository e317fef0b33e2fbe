#include "delivery/slack_config.hpp"

namespace tollgate::delivery {

void SlackConfig::declare(process::Settings& settings) {
    settings.add("slack.api_url", api_url, "where Slack's Web API is");
    settings.add("slack.call_timeout", call_timeout, "how long one call may take",
                 std::chrono::milliseconds{100}, std::chrono::minutes{1});
    settings.add("slack.answer_max", answer_max, "how much of an answer is read");
    settings.add("slack.internal_hosts", internal_hosts,
                 "hosts, with commas between, that may be called at a private address and without TLS");
    settings.add("slack.ca_file", ca_file, "certificate authorities to trust instead of the system's");
}

}  // namespace tollgate::delivery
