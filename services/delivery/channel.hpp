// What messages are handed to.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "delivery/message.hpp"
#include "delivery/slack.hpp"
#include "delivery/slack_outcome.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::delivery {

class Channel {
public:
    Channel() = default;
    virtual ~Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // One call, over within its own timeout. The arguments live until then.
    virtual boost::asio::awaitable<Outcome> send(const tenants::OpenDestination& destination,
                                                 const Message& message, const SlackPlace& place,
                                                 SlackForm form) = 0;
};

}  // namespace tollgate::delivery
