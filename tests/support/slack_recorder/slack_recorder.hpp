// A server that answers as Slack does to messages, and is stricter: whatever breaks a limit of Block Kit or
// is no argument of the call is refused, and a channel takes one message a second without any burst. It keeps
// what it was sent, and refuses as a test tells it to. It is ours: what the real one does is told by
// Slack's own documents, and by tests against the work of others.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "http/server.hpp"
#include "support/slack_recorder/slack_rate.hpp"
#include "support/slack_recorder/slack_request.hpp"

namespace tollgate::test {

struct SlackRecorderSettings {
    std::string token = "xoxb-1-recorder";  // of the bot
    double messages_per_second = 1;         // of each channel and each webhook
    double burst = 1;
};

// One call, as it came and as it was answered.
struct SlackCallSeen {
    std::string method;   // "webhook", "chat.postMessage", "chat.update"
    std::string channel;  // or the webhook's name
    http::Headers headers;
    boost::json::object message;  // empty if it could not be read
    int status = 0;
    std::string word;  // "ok", or why not
    std::chrono::steady_clock::time_point at;
};

// What people see in a channel.
struct SlackPosted {
    std::string ts;
    std::string thread_ts;  // of its parent; empty: it is none's reply
    boost::json::object message;
    int edits = 0;
};

// On 127.0.0.1. Safe from any thread.
class SlackRecorder {
public:
    explicit SlackRecorder(SlackRecorderSettings settings = {});
    ~SlackRecorder();
    SlackRecorder(const SlackRecorder&) = delete;
    SlackRecorder& operator=(const SlackRecorder&) = delete;

    // "http://127.0.0.1:PORT/api"
    std::string api_url() const;
    // A webhook's URL. Each name is a channel of its own.
    std::string webhook(const std::string& name) const;

    // The next calls for that channel or webhook are refused with that word, as Slack does it: the status
    // that goes with it, and Retry-After with "ratelimited". "redirect" is a 302 to another webhook of ours.
    void refuse(const std::string& channel, const std::string& word, std::size_t times = 1);
    void answer(const std::string& channel, const http::Response& answer, std::size_t times = 1);
    // What it takes is answered so much later.
    void delay(const std::string& channel, std::chrono::milliseconds delay);

    // In the order of their arrival.
    std::vector<SlackCallSeen> calls() const;
    std::vector<SlackCallSeen> calls(const std::string& channel) const;
    // How many were answered with that word.
    std::ptrdiff_t answered(const std::string& channel, const std::string& word) const;
    std::vector<SlackPosted> posted(const std::string& channel) const;
    // What it took, and should never have been sent.
    std::vector<std::string> complaints() const;

private:
    struct Channel {
        SlackRate rate;
        std::deque<http::Response> refusals{};
        std::chrono::milliseconds delay{0};
        std::vector<SlackPosted> posted{};
    };

    boost::asio::awaitable<http::Response> handle(http::Request request, std::string method);
    http::Response take(const http::Request& request, SlackCallSeen& call);
    http::Response post(SlackCallSeen& call, Channel& channel);
    http::Response update(SlackCallSeen& call, Channel& channel);
    std::string refusal_of_token(const http::Headers& headers) const;
    Channel& channel(const std::string& name);

    const SlackRecorderSettings settings_;
    mutable std::mutex mutex_;
    std::map<std::string, Channel> channels_;
    std::vector<SlackCallSeen> calls_;
    std::vector<std::string> complaints_;
    std::size_t posts_ = 0;
    std::unique_ptr<http::Server> server_;
};

}  // namespace tollgate::test
