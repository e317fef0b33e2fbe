// Links: tollgate::messages simdjson::simdjson
#include <algorithm>
#include <array>
#include <string_view>

#include <simdjson.h>

#include "delivery/slack_outcome.hpp"
#include "fuzz/target.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using tollgate::fuzzing::must;

namespace {

constexpr auto statuses = std::to_array<int>(
    {200, 201, 204, 301, 302, 400, 401, 403, 404, 408, 410, 418, 429, 500, 503, 599, 100, 0});
constexpr std::size_t reason_bytes_max = 2'000;
constexpr Timestamp noon{std::chrono::seconds{1'764'072'000}};

bool is_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }) &&
           simdjson::validate_utf8(text.data(), text.size());
}

void check(const Outcome& outcome, int status, std::string_view body) {
    const bool delivered = outcome.kind == OutcomeKind::delivered;
    must(!delivered || (status >= 200 && status <= 299), "only a success is one");
    must(!delivered || body.contains("ok"), "only what says so was taken");
    must(delivered == outcome.reason.empty(), "whatever is wrong has a reason");
    must(is_line(outcome.reason) && outcome.reason.size() <= reason_bytes_max, "a reason is a line to read");
    must(is_line(outcome.code), "a word is one to show");
    must(!outcome.after || (outcome.after->count() >= 1 && outcome.after->count() <= 3'600),
         "nobody makes us wait for ever");
    must(!outcome.pauses_destination || outcome.kind == OutcomeKind::retry, "what pauses is tried again");
}

}  // namespace

// A byte for the status, a line for Retry-After, and then what Slack, or somebody before it, says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const int status = statuses[data[0] % statuses.size()];
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    const std::size_t end = std::min(text.find('\n'), text.size());
    http::Headers headers;
    headers.add("Retry-After", text.substr(0, end));
    const std::string_view body = text.substr(std::min(end + 1, text.size()));
    for (const SlackCall call :
         {SlackCall::incoming_webhook, SlackCall::post_message, SlackCall::update_message}) {
        check(outcome_of(call, {.status = status, .headers = headers, .body = body}, noon), status, body);
    }
    for (const TransportFailure failure : {TransportFailure::never_sent, TransportFailure::lost})
        must(is_line(outcome_of(failure, body).reason), "a failure is a line to read");
    return 0;
}
