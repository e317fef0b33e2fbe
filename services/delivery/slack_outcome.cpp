#include "delivery/slack_outcome.hpp"

#include <algorithm>

#include <simdjson.h>

#include "delivery/readable.hpp"
#include "delivery/slack_answers.hpp"
#include "http/retry_after.hpp"

namespace tollgate::delivery {

namespace {

// What a peer asks for may be absurd.
constexpr std::chrono::seconds after_min{1};
constexpr std::chrono::seconds after_max{3'600};
constexpr std::chrono::seconds rate_limit_default{30};
constexpr std::size_t word_units_max = 80;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::chrono::seconds> asked_delay(const SlackAnswer& answer, Timestamp now) {
    const auto header = answer.headers.get("Retry-After");
    if (!header) return std::nullopt;
    const auto delay = http::parse_retry_after(trimmed(*header), now);
    if (!delay) return std::nullopt;
    return std::clamp(*delay, after_min, after_max);
}

// What Slack said, whichever of its ways it said it in.
struct Said {
    bool ok = false;
    std::string word{};  // of the failure; empty if the answer holds none
    std::string channel{};
    std::string ts{};
    std::string needed{};  // the permission that is missing
};

std::string member(const simdjson::dom::element& document, const char* name) {
    std::string_view text;
    return document[name].get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

// Nothing if it is no JSON object, such as the page of a proxy.
std::optional<Said> read_json(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (parser.parse(simdjson::padded_string{body}).get(document) != simdjson::SUCCESS ||
        !document.is_object()) {
        return std::nullopt;
    }
    bool ok = false;
    const bool told = document["ok"].get(ok) == simdjson::SUCCESS;
    return Said{.ok = told && ok,
                .word = member(document, "error"),
                .channel = member(document, "channel"),
                .ts = member(document, "ts"),
                .needed = member(document, "needed")};
}

Said read(SlackCall call, std::string_view body) {
    const std::string_view text = trimmed(body);
    auto said = read_json(text);
    if (call != SlackCall::incoming_webhook) return said.value_or(Said{});
    // A webhook answers in plain words, and in JSON now and then (429).
    if (said) return *said;
    return Said{.ok = text == "ok", .word = std::string{text}};
}

Outcome by_word(const SlackWord& row, const Said& said) {
    Outcome outcome{
        .kind = row.kind, .reason = std::string{row.reason}, .our_bug = row.our_bug, .code = said.word};
    if (row.after.count() > 0) outcome.after = row.after;
    const std::string needed = quoted(said.needed, word_units_max);
    if (!needed.empty()) outcome.reason += " Missing: " + needed + ".";
    return outcome;
}

Outcome by_status(const SlackAnswer& answer, const Said& said) {
    const SlackStatus& row = slack_status(answer.status);
    Outcome outcome{.kind = row.kind, .reason = std::string{row.reason}};
    outcome.reason += fmt::format(" (Status {}", answer.status);
    // A page says nothing that would fit into a sentence.
    const std::string word = quoted(said.word, word_units_max);
    if (!word.empty() && word.find('<') == std::string::npos) outcome.reason += ": " + word;
    outcome.reason += ".)";
    return outcome;
}

// Of a message's name and its channel's: they are kept, and go back into a request later. A webhook's peer is
// whoever its tenant named, and has no names to give.
std::string name_given(SlackCall call, std::string_view name) {
    constexpr std::size_t length_max = 64;
    const bool fits = call != SlackCall::incoming_webhook && name.size() <= length_max &&
                      std::ranges::all_of(name, [](char c) {
                          return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                 c == '.' || c == '_' || c == '-';
                      });
    return fits ? std::string{name} : std::string{};
}

bool is_rate_limit(const SlackAnswer& answer, const Outcome& outcome) {
    return answer.status == 429 || outcome.code == "ratelimited" || outcome.code == "rate_limited";
}

}  // namespace

Outcome outcome_of(SlackCall call, const SlackAnswer& answer, Timestamp now) {
    const Said said = read(call, answer.body);
    const bool success = answer.status >= 200 && answer.status <= 299;
    if (success && said.ok) {
        return {.kind = OutcomeKind::delivered,
                .channel = name_given(call, said.channel),
                .ts = name_given(call, said.ts)};
    }
    const auto row = slack_word(call, said.word);
    Outcome outcome = row ? by_word(*row, said) : by_status(answer, said);
    // The Web API says of every failure that it is one; a word that we do not know yet is a refusal all the
    // same.
    if (!row && success && call != SlackCall::incoming_webhook && !said.word.empty()) {
        outcome = {.kind = OutcomeKind::dead,
                   .reason = "Slack refused the message: " + quoted(said.word, word_units_max) + ".",
                   .code = quoted(said.word, word_units_max)};
    }
    if (is_rate_limit(answer, outcome)) {
        outcome.kind = OutcomeKind::retry;
        outcome.reason = slack_status(429).reason;
        outcome.pauses_destination = true;
        outcome.after = rate_limit_default;
    }
    if (outcome.kind == OutcomeKind::retry) {
        if (const auto asked = asked_delay(answer, now)) outcome.after = asked;
    }
    return outcome;
}

Outcome outcome_of(TransportFailure failure, std::string_view detail) {
    const std::string why = detail.empty() ? "" : " (" + quoted(detail, 200) + ")";
    switch (failure) {
        case TransportFailure::never_sent:
            return {.kind = OutcomeKind::retry, .reason = "Slack could not be reached" + why + "."};
        case TransportFailure::forbidden:
            return {.kind = OutcomeKind::reconnect,
                    .reason = "The webhook's address leads into a network that is not called" + why +
                              ": enter the address again."};
        case TransportFailure::lost:
            return {.kind = OutcomeKind::unknown,
                    .reason = "Slack did not answer in time, and the message may have arrived" + why +
                              ": look in the channel."};
        case TransportFailure::answer_too_large:
            break;
    }
    return {.kind = OutcomeKind::unknown,
            .reason = "Slack's answer was too long to be read" + why + ": look in the channel."};
}

}  // namespace tollgate::delivery
