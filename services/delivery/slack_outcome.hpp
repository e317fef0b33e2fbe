// What Slack's answer to a message means for its delivery, and what a person can do about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "http/headers.hpp"

namespace tollgate::delivery {

enum class SlackCall { incoming_webhook, post_message, update_message };

enum class OutcomeKind : std::uint8_t {
    delivered,
    retry,            // the same again, later
    retry_as_text,    // at once and once only, without blocks; the same answer again is dead
    retry_top_level,  // the thread takes no reply: without its parent, which is to be forgotten
    reply_instead,    // the message cannot be changed any more: say it in its thread
    refresh_token,    // then the same again; if there is nothing to refresh it with, reconnect
    confirm,          // once more after the delay; the same answer again is reconnect
    reconnect,        // the destination is broken until a person mends it
    dead,             // this message is never taken
    unknown,          // it may have arrived
};

struct Outcome {
    OutcomeKind kind = OutcomeKind::unknown;
    std::string reason{};                         // for people; empty if delivered
    std::optional<std::chrono::seconds> after{};  // for retry and confirm; none: as the backoff has it
    bool pauses_destination = false;              // all else for it waits as long
    bool our_bug = false;   // what we sent was wrong: somebody of ours should hear of it
    std::string code{};     // Slack's own word, where it gave one that is known
    std::string channel{};  // of a message of the Web API that was delivered,
    std::string ts{};       // and its name in there
};

struct SlackAnswer {
    int status = 0;
    const http::Headers& headers;
    std::string_view body;
};

Outcome outcome_of(SlackCall call, const SlackAnswer& answer, Timestamp now);

enum class TransportFailure {
    never_sent,        // not resolved, not connected, no TLS
    forbidden,         // the address is one that we do not call
    lost,              // sent in part or in whole, and no complete answer
    answer_too_large,  // it arrived, and what came back could not be read
};

Outcome outcome_of(TransportFailure failure, std::string_view detail);

}  // namespace tollgate::delivery
