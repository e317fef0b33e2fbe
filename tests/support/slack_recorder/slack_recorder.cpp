#include "support/slack_recorder/slack_recorder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace tollgate::test {

using boost::asio::awaitable;
using http::Response;

namespace {

struct WordStatus {
    std::string_view word;
    int status;
};

// A webhook's words come with a status of their own, those of the Web API with 200.
constexpr auto webhook_statuses = std::to_array<WordStatus>({
    {"invalid_payload", 400},
    {"no_text", 400},
    {"invalid_blocks", 400},
    {"invalid_blocks_format", 400},
    {"too_many_attachments", 400},
    {"msg_too_long", 400},
    {"user_not_found", 400},
    {"action_prohibited", 403},
    {"posting_to_general_channel_denied", 403},
    {"invalid_token", 403},
    {"no_active_hooks", 403},
    {"team_disabled", 403},
    {"no_service", 404},
    {"no_service_id", 404},
    {"no_team", 404},
    {"channel_not_found", 404},
    {"channel_is_archived", 410},
    {"rollup_error", 500},
});

bool is_webhook(const std::string& channel) {
    return !channel.starts_with('C');
}

Response of_webhook(std::string_view word) {
    const auto* const row = std::ranges::find(webhook_statuses, word, &WordStatus::word);
    if (row == webhook_statuses.end())
        throw std::invalid_argument{fmt::format("no webhook answers \"{}\"", word)};
    return http::plain(row->status, std::string{word});
}

Response of_api(const std::string& word) {
    boost::json::object body{{"ok", false}, {"error", word}};
    if (word == "missing_scope") {
        body["needed"] = "chat:write";
        body["provided"] = "incoming-webhook";
    }
    return http::json(200, boost::json::serialize(body));
}

Response rate_limited(std::chrono::seconds wait) {
    Response response = http::json(429, R"({"ok":false,"error":"ratelimited"})");
    response.headers.add("Retry-After", std::to_string(wait.count()));
    return response;
}

std::string text_at(const boost::json::object& message, std::string_view member) {
    const boost::json::value* value = message.if_contains(member);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::string word_of(const Response& response) {
    if (response.status == 200) return response.body.contains("\"ok\":false") ? "refused" : "ok";
    return response.body;
}

}  // namespace

SlackRecorder::SlackRecorder(SlackRecorderSettings settings) : settings_{std::move(settings)} {
    http::Router router;
    router.add(http::Method::post, "/services/{team}/{app}/{name}",
               [this](http::Request request) { return handle(std::move(request), "webhook"); });
    router.add(http::Method::post, "/api/{method}", [this](http::Request request) {
        std::string method{request.parameter("method")};
        return handle(std::move(request), std::move(method));
    });
    auto server = http::Server::start({}, std::move(router), {});
    if (!server) throw std::runtime_error{server.error().text()};
    server_ = std::make_unique<http::Server>(std::move(*server));
}

SlackRecorder::~SlackRecorder() = default;

std::string SlackRecorder::api_url() const {
    return fmt::format("http://127.0.0.1:{}/api", server_->port());
}

std::string SlackRecorder::webhook(const std::string& name) const {
    return fmt::format("http://127.0.0.1:{}/services/T0/B0/{}", server_->port(), name);
}

void SlackRecorder::refuse(const std::string& channel, const std::string& word, std::size_t times) {
    Response response;
    if (word == "ratelimited") {
        response = rate_limited(std::chrono::seconds{7});
    } else if (word == "redirect") {
        response = http::plain(302, "");
        response.headers.add("Location", webhook("elsewhere"));
    } else {
        response = is_webhook(channel) ? of_webhook(word) : of_api(word);
    }
    answer(channel, response, times);
}

void SlackRecorder::answer(const std::string& channel, const Response& answer, std::size_t times) {
    const std::lock_guard lock{mutex_};
    auto& refusals = this->channel(channel).refusals;
    refusals.insert(refusals.end(), times, answer);
}

void SlackRecorder::delay(const std::string& channel, std::chrono::milliseconds delay) {
    const std::lock_guard lock{mutex_};
    this->channel(channel).delay = delay;
}

std::vector<SlackCallSeen> SlackRecorder::calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
}

std::vector<SlackCallSeen> SlackRecorder::calls(const std::string& channel) const {
    const std::lock_guard lock{mutex_};
    std::vector<SlackCallSeen> some;
    std::ranges::copy_if(calls_, std::back_inserter(some),
                         [&](const SlackCallSeen& call) { return call.channel == channel; });
    return some;
}

std::ptrdiff_t SlackRecorder::answered(const std::string& channel, const std::string& word) const {
    const std::lock_guard lock{mutex_};
    return std::ranges::count_if(
        calls_, [&](const SlackCallSeen& call) { return call.channel == channel && call.word == word; });
}

std::vector<SlackPosted> SlackRecorder::posted(const std::string& channel) const {
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(channel);
    return found == channels_.end() ? std::vector<SlackPosted>{} : found->second.posted;
}

std::vector<std::string> SlackRecorder::complaints() const {
    const std::lock_guard lock{mutex_};
    return complaints_;
}

SlackRecorder::Channel& SlackRecorder::channel(const std::string& name) {
    return channels_.try_emplace(name, SlackRate{settings_.messages_per_second, settings_.burst})
        .first->second;
}

awaitable<Response> SlackRecorder::handle(http::Request request, std::string method) {
    SlackCallSeen call{.method = std::move(method),
                       .channel = {},
                       .headers = request.headers,
                       .message = {},
                       .word = {},
                       .at = std::chrono::steady_clock::now()};
    Response response;
    std::chrono::milliseconds delay{0};
    {
        const std::lock_guard lock{mutex_};
        response = take(request, call);
        delay = channel(call.channel).delay;
        call.status = response.status;
        if (call.word.empty()) call.word = word_of(response);
        calls_.push_back(std::move(call));
    }
    if (delay.count() > 0) {
        boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, delay};
        boost::system::error_code ignored;
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    co_return response;
}

Response SlackRecorder::take(const http::Request& request, SlackCallSeen& call) {
    const bool webhook = call.method == "webhook";
    const auto message = slack_message_of(request, webhook ? SlackRoad::webhook : SlackRoad::web_api);
    if (message) call.message = *message;
    call.channel = webhook ? std::string{request.parameter("name")} : text_at(call.message, "channel");
    Channel& to = channel(call.channel);
    if (!to.refusals.empty()) {
        Response refusal = std::move(to.refusals.front());
        to.refusals.pop_front();
        return refusal;
    }
    if (!webhook && call.method != "chat.postMessage" && call.method != "chat.update")
        return of_api("unknown_method");
    if (!message) return webhook ? of_webhook("invalid_payload") : of_api("invalid_json");
    // What a webhook answers that is told what it knows.
    if (webhook && message->contains("channel")) return http::plain(404, "");
    const auto refuse_as = [&](const std::string& word) {
        call.word = word;
        return webhook ? of_webhook(word) : of_api(word);
    };
    if (!webhook) {
        const std::string refused = refusal_of_token(request.headers);
        if (!refused.empty()) return refuse_as(refused);
        if (is_webhook(call.channel)) return refuse_as("channel_not_found");
    }
    if (const auto wait = to.rate.take(call.at); wait.count() > 0) {
        call.word = "ratelimited";
        return rate_limited(wait);
    }
    const std::string fault = slack_fault_of(*message, webhook ? SlackRoad::webhook : SlackRoad::web_api);
    if (!fault.empty()) return refuse_as(fault);
    for (std::string& complaint : slack_complaints_about(*message))
        complaints_.push_back(std::move(complaint));
    return call.method == "chat.update" ? update(call, to) : post(call, to);
}

std::string SlackRecorder::refusal_of_token(const http::Headers& headers) const {
    const auto authorization = headers.get("Authorization");
    if (!authorization) return "not_authed";
    return *authorization == "Bearer " + settings_.token ? std::string{} : "invalid_auth";
}

Response SlackRecorder::post(SlackCallSeen& call, Channel& to) {
    const std::string thread_ts = text_at(call.message, "thread_ts");
    const auto parent = std::ranges::find(to.posted, thread_ts, &SlackPosted::ts);
    if (!thread_ts.empty() && (parent == to.posted.end() || !parent->thread_ts.empty())) {
        call.word = "cannot_reply_to_message";
        return of_api(call.word);
    }
    to.posted.push_back(
        {.ts = fmt::format("1700000000.{:06}", ++posts_), .thread_ts = thread_ts, .message = call.message});
    if (call.method == "webhook") return http::plain(200, "ok");
    return http::json(200, boost::json::serialize(boost::json::object{
                               {"ok", true}, {"channel", call.channel}, {"ts", to.posted.back().ts}}));
}

Response SlackRecorder::update(SlackCallSeen& call, Channel& to) {
    if (call.message.contains("thread_ts")) {
        call.word = "invalid_arguments";
        return of_api(call.word);
    }
    const auto known = std::ranges::find(to.posted, text_at(call.message, "ts"), &SlackPosted::ts);
    if (known == to.posted.end()) {
        call.word = "message_not_found";
        return of_api(call.word);
    }
    known->message = call.message;
    ++known->edits;
    return http::json(200, boost::json::serialize(boost::json::object{
                               {"ok", true}, {"channel", call.channel}, {"ts", known->ts}}));
}

}  // namespace tollgate::test
