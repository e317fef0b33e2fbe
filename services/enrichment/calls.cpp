#include "enrichment/calls.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "http/retry_after.hpp"
#include "telemetry/log.hpp"

namespace tollgate::enrichment {

namespace {

namespace log = telemetry::log;

constexpr int too_many_requests = 429;
constexpr int server_error = 500;
// Credentials that are not taken: each further call would be for nothing.
constexpr int unauthorized = 401;
constexpr int forbidden = 403;

bool refuses(int status) {
    return status == too_many_requests || status == unauthorized || status == forbidden;
}

std::string words_of(const Result<http::ClientResponse>& response) {
    return response ? fmt::format("it answers with status {}", response->status) : response.error().text();
}

std::optional<std::chrono::milliseconds> asked_pause(const http::ClientResponse& response) {
    const auto header = response.headers.get("Retry-After");
    if (!header) return std::nullopt;
    const auto delay = http::parse_retry_after(*header, SystemClock{}.now());
    return delay ? std::optional{std::chrono::milliseconds{*delay}} : std::nullopt;
}

}  // namespace

void Calls::start(std::vector<Call> calls) {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    awaited_.clear();
    for (Call& call : calls) {
        if (peers_[call.peer].not_before > now) {
            metrics_.left_out.Increment();
            continue;
        }
        Place place{call.peer, call.key};
        if (!under_way_.contains(place)) {
            if (under_way_.size() >= limits_.under_way_max) {
                metrics_.left_out.Increment();
                continue;
            }
            under_way_.insert(place);
            http::spawn(threads_.executor(0), carry_out(std::move(call)), "look-up");
        }
        awaited_.push_back(std::move(place));
    }
}

std::vector<Answer> Calls::take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(answers_, {});
}

std::vector<Answer> Calls::collect(SteadyTime end) {
    std::unique_lock lock{mutex_};
    answered_.wait_until(lock, end, [&] {
        return std::ranges::none_of(awaited_, [&](const Place& place) { return under_way_.contains(place); });
    });
    return std::exchange(answers_, {});
}

boost::asio::awaitable<void> Calls::carry_out(Call call) {
    const auto began = std::chrono::steady_clock::now();
    auto response = co_await client_.fetch(call.request);
    metrics_.seconds.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    take(std::move(call), std::move(response));
}

void Calls::take(Call call, Result<http::ClientResponse> response) {
    {
        const std::lock_guard lock{mutex_};
        (judge(call.peer, response) ? metrics_.failed : metrics_.answered).Increment();
        under_way_.erase({call.peer, call.key});
        answers_.push_back(
            {.peer = std::move(call.peer), .key = std::move(call.key), .response = std::move(response)});
    }
    answered_.notify_all();
}

bool Calls::judge(const std::string& name, const Result<http::ClientResponse>& response) {
    Peer& peer = peers_[name];
    const bool failed = !response || response->status >= server_error || refuses(response->status);
    if (!failed) {
        peer = {};
        return false;
    }
    const bool refused = response && refuses(response->status);
    if (++peer.failures < limits_.failures_max && !refused) return true;
    auto pause = limits_.pause;
    if (response) pause = std::max(pause, asked_pause(*response).value_or(pause));
    pause = std::min(pause, limits_.pause_max);
    const auto now = std::chrono::steady_clock::now();
    if (peer.not_before <= now) {
        log::warning("look-ups fail, and are left for a while",
                     {{"peer", name}, {"pause_ms", pause.count()}, {"error", words_of(response)}});
    }
    peer.not_before = now + pause;
    return true;
}

}  // namespace tollgate::enrichment
