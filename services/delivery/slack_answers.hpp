// What Slack's words mean, as data.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "delivery/slack_outcome.hpp"

namespace tollgate::delivery {

struct SlackWord {
    std::string_view word;
    OutcomeKind kind;
    std::string_view reason;
    std::chrono::seconds after{0};  // 0: as the backoff has it
    bool our_bug = false;
};

// The row for a word, in the table of the road that it came by: a few words mean something else by the other.
std::optional<SlackWord> slack_word(SlackCall call, std::string_view word);

struct SlackStatus {
    int first;
    int last;
    OutcomeKind kind;
    std::string_view reason;
};

// For an answer without a word that we know.
const SlackStatus& slack_status(int status);

std::span<const SlackWord> webhook_words();
std::span<const SlackWord> web_api_words();
std::span<const SlackWord> update_words();

}  // namespace tollgate::delivery
