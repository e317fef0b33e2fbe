#include "load/slack_stand_in.hpp"

#include <optional>
#include <stdexcept>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "core/uuid.hpp"
#include "load/database.hpp"

namespace tollgate::load {

namespace {

constexpr std::chrono::seconds slow{3};
constexpr std::chrono::seconds slower{8};
constexpr std::chrono::seconds silent{30};

std::chrono::seconds delay_of(Mood mood) {
    if (mood == Mood::slow) return slow;
    if (mood == Mood::slower) return slower;
    return mood == Mood::silent ? silent : std::chrono::seconds{0};
}

constexpr std::size_t name_length = 23;

// Below each message: "... · event 0190b0f0-5a1e-7000-8a5b · ...".
std::string event_named_in(const std::string& body) {
    constexpr std::string_view before = "event ";
    constexpr std::string_view rest = "-000000000000";
    for (std::size_t at = body.find(before); at != std::string::npos; at = body.find(before, at + 1)) {
        std::string name = body.substr(at + before.size(), name_length);
        if (Uuid::parse(name + std::string{rest})) return name;
    }
    return "";
}

}  // namespace

std::string as_named(const std::string& event_id) {
    return event_id.substr(0, name_length);
}

SlackStandIn::SlackStandIn() {
    http::Router router;
    router.add(http::Method::post, "/services/T1/B1/{channel}",
               [this](http::Request request) { return handle(std::move(request)); });
    server_ = std::make_unique<http::Server>(
        must(http::Server::start({}, std::move(router), [](const http::Observation&) {})));
}

SlackStandIn::~SlackStandIn() = default;

std::string SlackStandIn::webhook(const std::string& channel) const {
    return fmt::format("http://127.0.0.1:{}/services/T1/B1/{}", server_->port(), channel);
}

void SlackStandIn::set(const std::string& channel, Mood mood) {
    const std::lock_guard lock{mutex_};
    moods_[channel] = mood;
}

std::vector<Arrival> SlackStandIn::take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(arrivals_, {});
}

std::size_t SlackStandIn::taken() const {
    const std::lock_guard lock{mutex_};
    return taken_;
}

boost::asio::awaitable<http::Response> SlackStandIn::handle(http::Request request) {
    Arrival arrival{.channel = std::string{request.parameter("channel")},
                    .event = event_named_in(request.body),
                    .at = std::chrono::steady_clock::now()};
    http::Response answer = http::plain(200, "ok");
    Mood mood = Mood::good;
    {
        const std::lock_guard lock{mutex_};
        mood = moods_[arrival.channel];
        const bool one_too_many = mood == Mood::limited && ++calls_[arrival.channel] % 2 == 0;
        if (mood == Mood::failing) answer = http::plain(500, "rollup_error");
        if (one_too_many) {
            answer = http::plain(429, "rate_limited");
            answer.headers.add("Retry-After", "2");
        }
        // Whoever is told nothing may have sent it all the same.
        arrival.taken = answer.status == 200;
        taken_ += arrival.taken ? 1 : 0;
        arrivals_.push_back(std::move(arrival));
    }
    if (const auto delay = delay_of(mood); delay.count() > 0) {
        boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, delay};
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return answer;
}

}  // namespace tollgate::load
