// A destination to send to, and a client that may reach a recorder on this machine.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "delivery/slack_client.hpp"
#include "http/io_threads.hpp"
#include "support/slack_recorder/slack_recorder.hpp"

namespace tollgate::test {

tenants::OpenDestination webhook_at(const std::string& url);
tenants::OpenDestination bot_in(const std::string& channel, const std::string& token = "xoxb-1-recorder");

// What there is to tell of one of the examples (unit/delivery/examples.hpp).
delivery::Message message_of(std::string_view example);

// Names lead where the test says; each look-up takes the next address, and stays with the last.
class NamedAddresses final : public http::Resolver {
public:
    explicit NamedAddresses(std::map<std::string, std::vector<std::string>> names)
        : names_{std::move(names)} {}

    boost::asio::awaitable<Result<std::vector<http::IpAddress>>> resolve(std::string host) override;

private:
    std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> names_;
};

// A client with a thread of its own.
class Caller {
public:
    explicit Caller(const delivery::SlackConfig& config, std::shared_ptr<http::Resolver> resolver = nullptr);
    // Of what the recorder plays, on this machine.
    explicit Caller(const SlackRecorder& slack);

    delivery::Outcome send(const tenants::OpenDestination& destination, const delivery::Message& message,
                           const delivery::SlackPlace& place = {},
                           delivery::SlackForm form = delivery::SlackForm::blocks);
    Result<std::string> check(const std::string& url);

private:
    delivery::SlackClient client_;
    http::IoThreads threads_{1};
};

}  // namespace tollgate::test
