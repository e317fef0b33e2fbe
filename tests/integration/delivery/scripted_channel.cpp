#include "integration/delivery/scripted_channel.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "integration/tenants/fixtures.hpp"

namespace tollgate::test {

using delivery::Outcome;

void ScriptedChannel::next(Outcome outcome) {
    const std::scoped_lock lock{mutex_};
    next_.push_back(std::move(outcome));
}

void ScriptedChannel::next_for(const std::string& destination, Outcome outcome) {
    const std::scoped_lock lock{mutex_};
    next_for_[destination].push_back(std::move(outcome));
}

void ScriptedChannel::always(Outcome outcome) {
    const std::scoped_lock lock{mutex_};
    always_ = std::move(outcome);
}

void ScriptedChannel::hold() {
    const std::scoped_lock lock{mutex_};
    held_ = true;
}

void ScriptedChannel::answer_oldest(Outcome outcome) {
    const std::scoped_lock lock{mutex_};
    answered_[oldest_++] = std::move(outcome);
}

std::size_t ScriptedChannel::calls() const {
    const std::scoped_lock lock{mutex_};
    return seen_.size();
}

std::size_t ScriptedChannel::calls_for(const std::string& destination) const {
    const std::scoped_lock lock{mutex_};
    return static_cast<std::size_t>(std::ranges::count(seen_, destination, &Seen::destination));
}

delivery::SlackForm ScriptedChannel::last_form() const {
    const std::scoped_lock lock{mutex_};
    return seen_.at(seen_.size() - 1).form;
}

std::vector<std::string> ScriptedChannel::marks() const {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> all;
    for (const Seen& each : seen_)
        all.push_back(each.message.marks.empty() ? "" : each.message.marks.front());
    return all;
}

std::vector<delivery::Message> ScriptedChannel::messages() const {
    const std::scoped_lock lock{mutex_};
    std::vector<delivery::Message> all;
    for (const Seen& each : seen_) all.push_back(each.message);
    return all;
}

std::vector<delivery::SlackPlace> ScriptedChannel::places() const {
    const std::scoped_lock lock{mutex_};
    std::vector<delivery::SlackPlace> all;
    for (const Seen& each : seen_) all.push_back(each.place);
    return all;
}

Outcome ScriptedChannel::outcome_for(const std::string& destination) {
    auto& own = next_for_[destination];
    auto& queue = own.empty() ? next_ : own;
    if (queue.empty()) return always_;
    Outcome outcome = queue.front();
    queue.pop_front();
    return outcome;
}

boost::asio::awaitable<Outcome> ScriptedChannel::send(const tenants::OpenDestination& destination,
                                                      const delivery::Message& message,
                                                      const delivery::SlackPlace& place,
                                                      delivery::SlackForm form) {
    if (before_answer) before_answer();
    const auto of_message = answer_to ? answer_to(message) : std::nullopt;
    std::size_t number = 0;
    bool waits = false;
    {
        const std::scoped_lock lock{mutex_};
        number = seen_.size();
        seen_.push_back({.destination = destination.slug, .message = message, .place = place, .form = form});
        waits = held_;
        if (!waits) co_return of_message ? *of_message : outcome_for(destination.slug);
    }
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
    for (;;) {
        {
            const std::scoped_lock lock{mutex_};
            if (const auto found = answered_.find(number); found != answered_.end()) co_return found->second;
        }
        timer.expires_after(std::chrono::milliseconds{5});
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

delivery::SenderSettings sender_settings(const Deliveries& world) {
    return {.connection = world.delivery(),
            .look_every = std::chrono::milliseconds{20},
            .retries = {.backoff = {.base = std::chrono::milliseconds{1}}, .build = "test"}};
}

RunningSender::RunningSender(const delivery::SenderSettings& settings, delivery::Channel& channel)
    : keys_{keyring()},
      sender_{settings, channel, keys_, threads_, delivery::SendMetrics{metrics_}},
      thread_{[this](const std::stop_token& stop) { sender_.run(stop); }} {}

}  // namespace tollgate::test
