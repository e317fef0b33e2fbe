// One call to Slack, and what came of it.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/result.hpp"
#include "delivery/slack.hpp"
#include "delivery/slack_config.hpp"
#include "delivery/slack_outcome.hpp"
#include "http/client.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::delivery {

// Safe from any thread, and must outlive what it was asked for.
class SlackClient {
public:
    // An error if Slack's address or the certificate authorities cannot be used. A null resolver is the
    // system's.
    static Result<SlackClient> make(const SlackConfig& config,
                                    std::shared_ptr<http::Resolver> resolver = nullptr);

    // One request, never more: what is to be done again is for the caller to do, who keeps a record of each
    // attempt before it is made.
    //
    //   retry_as_text     again at once, with SlackForm::text_only; an attempt of its own. Never the outcome
    //                     of that one, which is dead instead.
    //   retry_top_level   again with a place that has no thread
    //   reply_instead     again with a place that has no update_ts
    //
    // A bot's channel is that of the destination, unless the place names the one that Slack answered with
    // earlier. A webhook has neither threads nor updates, whatever the place says. The arguments must live
    // until it is over, which is after the timeout at the latest.
    boost::asio::awaitable<Outcome> send(const tenants::OpenDestination& destination, const Message& message,
                                         const SlackPlace& place = {},
                                         SlackForm form = SlackForm::blocks) const;

    // Whether a webhook's URL may be called, by the rule that `send` keeps to: its host, or why not.
    boost::asio::awaitable<Result<std::string>> check(std::string url) const;

private:
    SlackClient(http::Client client, SlackConfig config);

    http::ClientRequest request_for(SlackCall call, const tenants::OpenDestination& destination) const;

    http::Client client_;
    SlackConfig config_;
};

}  // namespace tollgate::delivery
