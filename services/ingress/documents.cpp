#include "ingress/documents.hpp"

#include <algorithm>

namespace tollgate::ingress {

namespace {

// One of those under way, also when the coroutine is cut off.
class Fetching {
public:
    explicit Fetching(std::atomic<std::size_t>& count) : count_{count}, number_{++count} {}
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;
    ~Fetching() { --count_; }

    bool within(std::size_t limit) const { return number_ <= limit; }

private:
    std::atomic<std::size_t>& count_;
    const std::size_t number_;
};

}  // namespace

std::optional<std::string> Documents::kept(const std::string& url, TimePoint now) {
    const std::lock_guard lock{mutex_};
    const auto found = kept_.find(url);
    if (found == kept_.end() || found->second.until <= now) return std::nullopt;
    return found->second.body;
}

void Documents::keep(const std::string& url, Kept document, TimePoint now) {
    const std::lock_guard lock{mutex_};
    std::erase_if(kept_, [&](const auto& entry) { return entry.second.until <= now; });
    if (kept_.size() >= limits_.kept_max) {
        const auto until = [](const auto& entry) { return entry.second.until; };
        kept_.erase(std::ranges::min_element(kept_, {}, until));
    }
    kept_.insert_or_assign(url, std::move(document));
}

boost::asio::awaitable<Result<std::string>> Documents::get(const providers::DocumentRequest& wanted) {
    // What was to be had with one tenant's key is not for another.
    const bool may_be_kept = !wanted.authorization && wanted.keep.count() > 0;
    if (may_be_kept) {
        if (auto body = kept(wanted.url, std::chrono::steady_clock::now())) co_return std::move(*body);
    }
    const Fetching fetching{fetching_};
    if (!fetching.within(limits_.fetched_at_once_max))
        co_return fail(ErrorCode::overloaded, "too many documents are being fetched");
    http::ClientRequest request{
        .url = wanted.url, .timeout = limits_.timeout, .body_bytes_max = limits_.bytes_max};
    if (wanted.authorization) request.headers.add("Authorization", wanted.authorization->reveal());
    auto answer = co_await client_.fetch(std::move(request));
    if (!answer) co_return fail(ErrorCode::unavailable, "{}: {}", wanted.url, answer.error().detail);
    if (answer->status != 200) {
        co_return fail(ErrorCode::unavailable, "{} answered with status {}", wanted.url, answer->status);
    }
    const auto now = std::chrono::steady_clock::now();
    if (may_be_kept) keep(wanted.url, {answer->body, now + wanted.keep}, now);
    co_return std::move(answer->body);
}

}  // namespace tollgate::ingress
