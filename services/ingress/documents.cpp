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

boost::asio::awaitable<Result<std::string>> Documents::fetch(const std::string& url,
                                                             const Secret* authorization) {
    http::ClientRequest request{.url = url, .timeout = limits_.timeout, .body_bytes_max = limits_.bytes_max};
    if (authorization != nullptr) request.headers.add("Authorization", authorization->reveal());
    auto answer = co_await fetch_(std::move(request));
    if (!answer) co_return fail(ErrorCode::unavailable, "{}: {}", url, answer.error().detail);
    if (answer->status == 404 || answer->status == 410)
        co_return fail(ErrorCode::not_found, "{} is not there", url);
    if (answer->status == 401 || answer->status == 403)
        co_return fail(ErrorCode::unauthenticated, "{} answered with status {}", url, answer->status);
    if (answer->status != 200)
        co_return fail(ErrorCode::unavailable, "{} answered with status {}", url, answer->status);
    co_return std::move(answer->body);
}

boost::asio::awaitable<Result<providers::Document>> Documents::get(const providers::DocumentRequest& wanted,
                                                                   const Asker& asker) {
    // What was to be had with one tenant's key is not for another.
    const bool may_be_kept = wanted.authorizations.empty() && wanted.keep.count() > 0;
    if (may_be_kept) {
        if (auto body = kept(wanted.url, std::chrono::steady_clock::now()))
            co_return providers::Document{.text = std::move(*body)};
    }
    const auto ticket = budget_.take(asker, std::chrono::steady_clock::now());
    if (!ticket) co_return std::unexpected{ticket.error()};
    const Fetching fetching{fetching_};
    if (!fetching.within(limits_.fetched_at_once_max))
        co_return fail(ErrorCode::overloaded, "too many documents are being fetched");
    if (wanted.authorizations.empty()) {
        auto body = co_await fetch(wanted.url, nullptr);
        if (!body) co_return std::unexpected{body.error()};
        const auto now = std::chrono::steady_clock::now();
        if (may_be_kept) keep(wanted.url, {*body, now + wanted.keep}, now);
        co_return providers::Document{.text = *std::move(body)};
    }
    std::optional<Error> why;
    for (const auto& [secret, value] : wanted.authorizations) {
        auto body = co_await fetch(wanted.url, &value);
        if (body) co_return providers::Document{.text = *std::move(body), .secret = secret};
        // That it is not there is more than that one key is not let in.
        if (!why || body.error().code != ErrorCode::unauthenticated) why = body.error();
        if (body.error().code == ErrorCode::unavailable) break;
    }
    co_return std::unexpected{*std::move(why)};
}

}  // namespace tollgate::ingress
