#include "http/worker.hpp"

#include <iterator>
#include <ranges>
#include <utility>

#include "http/retry_after.hpp"
#include "http/session.hpp"

namespace tollgate::http {

namespace {

constexpr std::chrono::milliseconds tick_interval{100};
constexpr std::chrono::seconds pulse_interval{1};
constexpr int looked_at_max = 256;

}  // namespace

Worker::Worker(boost::asio::any_io_executor executor, Serving& serving)
    : executor_{std::move(executor)}, serving_{serving}, ticker_{executor_}, pulse_{executor_} {}

Worker::Seat Worker::add(Session& session) {
    busy_.push_back(&session);
    if (!ticking_) tick();
    return {.at = std::prev(busy_.end())};
}

void Worker::remove(const Seat& seat) {
    (seat.idle ? idle_ : busy_).erase(seat.at);
    idle_count_.store(idle_.size(), std::memory_order_relaxed);
    if (!busy_.empty() || !idle_.empty()) return;
    // So that an idle server costs nothing, and the thread can end at once.
    ticking_ = false;
    ticker_.cancel();
}

void Worker::set_idle(Seat& seat, bool idle) {
    if (seat.idle == idle) return;
    seat.idle = idle;
    if (idle) {
        idle_.splice(idle_.end(), busy_, seat.at);
    } else {
        busy_.splice(busy_.end(), idle_, seat.at);
    }
    idle_count_.store(idle_.size(), std::memory_order_relaxed);
}

bool Worker::close_longest_idle(const AddressUse* of) {
    // Who has as many connections as one may have is met among the first, or has not left them idle. To look
    // further would be work that anybody can order.
    for (Session* const session : idle_ | std::views::take(looked_at_max)) {
        if (of != nullptr && session->address_use() != of) continue;
        session->make_way();
        return true;
    }
    return false;
}

void Worker::tell_alive(std::function<void()> alive) {
    alive_ = std::move(alive);
    pulse();
}

void Worker::pulse() {
    // What waits for it keeps the thread from ending.
    if (serving_.draining) return;
    alive_();
    pulse_.expires_after(pulse_interval);
    pulse_.async_wait([this](const boost::system::error_code& error) {
        if (!error) pulse();
    });
}

// No session ends, and removes itself, inside such a loop: what it is told only posts.
void Worker::drain() {
    pulse_.cancel();
    for (const auto* const sessions : {&busy_, &idle_})
        for (Session* const session : *sessions) session->drain();
}

void Worker::cut() {
    for (const auto* const sessions : {&busy_, &idle_})
        for (Session* const session : *sessions) session->cut();
}

void Worker::tick() {
    ticking_ = true;
    ticker_.expires_after(tick_interval);
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (error || !ticking_) return;
        const auto now = std::chrono::steady_clock::now();
        for (const auto* const sessions : {&busy_, &idle_})
            for (Session* const session : *sessions) session->expire(now);
        tick();
    });
}

std::string_view Worker::date() {
    const auto now = std::chrono::system_clock::now();
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != date_time_) {
        date_time_ = second;
        date_ = format_http_date(second);
    }
    return date_;
}

}  // namespace tollgate::http
