// A channel that answers as a test says, and a sender that runs as long as the test wants.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "delivery/sender.hpp"
#include "integration/delivery/deliveries.hpp"

namespace tollgate::test {

class ScriptedChannel final : public delivery::Channel {
public:
    // Of the next call, then of the one after it. When nothing is said: delivered.
    void next(delivery::Outcome outcome);
    void next_for(const std::string& destination, delivery::Outcome outcome);
    void always(delivery::Outcome outcome);
    // Calls wait until each is answered.
    void hold();
    void answer_oldest(delivery::Outcome outcome);

    std::size_t calls() const;
    std::size_t calls_for(const std::string& destination) const;
    delivery::SlackForm last_form() const;
    std::vector<std::string> marks() const;  // the first of each message, or nothing
    std::vector<delivery::Message> messages() const;
    std::vector<delivery::SlackPlace> places() const;

    std::function<void()> before_answer;
    // Of a message; nothing: as was said above.
    std::function<std::optional<delivery::Outcome>(const delivery::Message&)> answer_to;

    boost::asio::awaitable<delivery::Outcome> send(const tenants::OpenDestination& destination,
                                                   const delivery::Message& message,
                                                   const delivery::SlackPlace& place,
                                                   delivery::SlackForm form) override;

private:
    struct Seen {
        std::string destination;
        delivery::Message message;
        delivery::SlackPlace place;
        delivery::SlackForm form;
    };

    delivery::Outcome outcome_for(const std::string& destination);

    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    std::deque<delivery::Outcome> next_;
    std::map<std::string, std::deque<delivery::Outcome>> next_for_;
    delivery::Outcome always_{.kind = delivery::OutcomeKind::delivered};
    bool held_ = false;
    std::map<std::size_t, delivery::Outcome> answered_;
    std::size_t oldest_ = 0;
};

delivery::SenderSettings sender_settings(const Deliveries& world);

// In a thread of its own.
class RunningSender {
public:
    RunningSender(const delivery::SenderSettings& settings, delivery::Channel& channel);
    RunningSender(const Deliveries& world, delivery::Channel& channel)
        : RunningSender{sender_settings(world), channel} {}

    std::string metrics() const { return metrics_.text(); }
    void expect(std::chrono::steady_clock::time_point due) { sender_.expect(due); }

private:
    telemetry::Metrics metrics_;
    crypto::Keyring keys_;
    http::IoThreads threads_{1};
    delivery::Sender sender_;
    std::jthread thread_;
};

}  // namespace tollgate::test
