#include "http/worker.hpp"

#include <utility>

#include "http/retry_after.hpp"
#include "http/session.hpp"

namespace tollgate::http {

namespace {

constexpr std::chrono::milliseconds tick_interval{100};

}  // namespace

void Serving::end_connection() {
    --connections;
    if (!draining) return;
    // Under the lock, so that the notification cannot fall between the waiter's look and its wait.
    const std::lock_guard lock{mutex};
    connection_ended.notify_all();
}

Worker::Worker(boost::asio::any_io_executor executor, Serving& serving)
    : executor_{std::move(executor)}, serving_{serving}, ticker_{executor_} {}

void Worker::add(Session& session) {
    sessions_.insert(&session);
    if (!ticking_) tick();
}

void Worker::remove(Session& session) {
    sessions_.erase(&session);
    if (!sessions_.empty()) return;
    // So that an idle server costs nothing, and the thread can end at once.
    ticking_ = false;
    ticker_.cancel();
}

void Worker::drain() {
    for (Session* session : sessions_) session->drain();
}

void Worker::cut() {
    // Cutting only posts: no session ends, and removes itself, inside the loop.
    for (Session* session : sessions_) session->cut();
}

void Worker::tick() {
    ticking_ = true;
    ticker_.expires_after(tick_interval);
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (error || !ticking_) return;
        const auto now = std::chrono::steady_clock::now();
        for (Session* session : sessions_) session->expire(now);
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
