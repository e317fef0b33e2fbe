// A message as Slack takes it: Block Kit, with a text that alone is a good notification.
#pragma once

#include <string>

#include "delivery/message.hpp"

namespace tollgate::delivery {

enum class SlackForm {
    blocks,
    text_only,  // once more, when Slack refuses our blocks
};

// Where it goes. All empty for an incoming webhook, which knows its channel and refuses to be told one.
struct SlackPlace {
    std::string channel{};
    std::string thread_ts{};       // of the parent that this is a reply to
    bool also_in_channel = false;  // a reply that the whole channel should see
    std::string update_ts{};       // of the message that this replaces
    std::string delivery_id{};     // ours; every app of the workspace can read it, so it says nothing else
    std::string user_group{};      // "S0123ABC": mentioned if somebody must act now
};

// The JSON body of the request. Keeps to slack_limits whatever the event was.
std::string slack_json(const Message& message, const SlackPlace& place = {},
                       SlackForm form = SlackForm::blocks);

}  // namespace tollgate::delivery
