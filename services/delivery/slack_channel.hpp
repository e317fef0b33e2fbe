// Slack as a channel.
#pragma once

#include <utility>

#include "delivery/channel.hpp"
#include "delivery/slack_client.hpp"

namespace tollgate::delivery {

class SlackChannel final : public Channel {
public:
    explicit SlackChannel(SlackClient client) : client_{std::move(client)} {}

    boost::asio::awaitable<Outcome> send(const tenants::OpenDestination& destination, const Message& message,
                                         const SlackPlace& place, SlackForm form) override {
        co_return co_await client_.send(destination, message, place, form);
    }

private:
    SlackClient client_;
};

}  // namespace tollgate::delivery
