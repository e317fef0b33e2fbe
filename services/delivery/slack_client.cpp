#include "delivery/slack_client.hpp"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "process/version.hpp"

namespace tollgate::delivery {

using boost::asio::awaitable;
using tenants::DestinationKind;
using tenants::OpenDestination;

namespace {

std::vector<std::string> names_in(std::string_view list) {
    std::vector<std::string> names;
    for (const auto part : std::views::split(list, ',')) {
        const std::string_view name{part};
        const auto first = name.find_first_not_of(' ');
        if (first != std::string_view::npos)
            names.emplace_back(name.substr(first, name.find_last_not_of(' ') - first + 1));
    }
    return names;
}

SlackCall call_of(const OpenDestination& destination, const SlackPlace& place) {
    if (destination.kind == DestinationKind::slack_webhook) return SlackCall::incoming_webhook;
    return place.update_ts.empty() ? SlackCall::post_message : SlackCall::update_message;
}

SlackPlace place_in(const OpenDestination& destination, const SlackPlace& wanted) {
    if (destination.kind == DestinationKind::slack_webhook) return {.user_group = wanted.user_group};
    SlackPlace place = wanted;
    if (place.channel.empty()) place.channel = destination.settings.channel;
    // Where a message stands does not change.
    if (!place.update_ts.empty()) place.thread_ts.clear();
    return place;
}

Outcome of_failure(SlackCall call, const Error& error) {
    if (!http::was_never_sent(error)) {
        return outcome_of(
            error.code == ErrorCode::too_large ? TransportFailure::answer_too_large : TransportFailure::lost,
            error.detail);
    }
    // Where the Web API is, the deployment says; a tenant can mend nothing about it.
    const bool tenants_own = call == SlackCall::incoming_webhook;
    const bool refused = error.code == ErrorCode::forbidden || error.code == ErrorCode::invalid;
    return outcome_of(tenants_own && refused ? TransportFailure::forbidden : TransportFailure::never_sent,
                      error.detail);
}

Outcome of_answer(SlackCall call, const http::ClientResponse& answer) {
    const bool success = answer.status >= 200 && answer.status <= 299;
    // Of a refusal the status and the beginning are enough.
    if (success && answer.body_was_cut) return outcome_of(TransportFailure::answer_too_large, "");
    return outcome_of(call, {.status = answer.status, .headers = answer.headers, .body = answer.body},
                      SystemClock{}.now());
}

// What ends here, because there is nothing else to try.
Outcome settled(Outcome outcome, SlackForm form) {
    if (outcome.kind == OutcomeKind::retry_as_text && form == SlackForm::text_only) {
        outcome.kind = OutcomeKind::dead;
        outcome.reason = "Slack refused the message as plain text too (" + outcome.code +
                         "): this is a bug of Tollgate. Tell the channel by other means, and report it with "
                         "the event's id.";
    }
    // Tokens that have to be refreshed are not taken in (tenants::check_secret).
    if (outcome.kind == OutcomeKind::refresh_token) outcome.kind = OutcomeKind::reconnect;
    return outcome;
}

}  // namespace

SlackClient::SlackClient(http::Client client, SlackConfig config)
    : client_{std::move(client)}, config_{std::move(config)} {
    while (config_.api_url.ends_with('/')) config_.api_url.pop_back();
}

Result<SlackClient> SlackClient::make(const SlackConfig& config, std::shared_ptr<http::Resolver> resolver) {
    const auto internal = [names = names_in(config.internal_hosts)](std::string_view host) {
        return std::ranges::any_of(
            names, [&](const std::string& name) { return http::equal_ignoring_case(name, host); });
    };
    auto client = http::Client::make({.internal_host = internal,
                                      .ca_file = config.ca_file,
                                      .user_agent = fmt::format("tollgate/{}", process::version()),
                                      .body_bytes_max = config.answer_max.bytes},
                                     std::move(resolver));
    if (!client) return std::unexpected{client.error().within("slack.ca_file")};
    if (const auto fit = client->check_form(config.api_url); !fit) {
        return std::unexpected{fit.error().within(
            "the setting slack.api_url (no destination's address): correct it, or name its "
            "host in slack.internal_hosts, as is done where Tollgate runs")};
    }
    return SlackClient{std::move(*client), config};
}

http::ClientRequest SlackClient::request_for(SlackCall call, const OpenDestination& destination) const {
    http::ClientRequest request{.method = http::Method::post,
                                .url = {},
                                .headers = {{"Content-Type", "application/json; charset=utf-8"}},
                                .body = {},
                                .timeout = config_.call_timeout,
                                .cut_body = true};
    if (call == SlackCall::incoming_webhook) {
        request.url = destination.secret.reveal();
        return request;
    }
    const bool update = call == SlackCall::update_message;
    request.url = config_.api_url + (update ? "/chat.update" : "/chat.postMessage");
    request.headers.add("Authorization", "Bearer " + destination.secret.reveal());
    return request;
}

awaitable<Outcome> SlackClient::send(const OpenDestination& destination, const Message& message,
                                     const SlackPlace& wanted, SlackForm form) const {
    const SlackPlace place = place_in(destination, wanted);
    const SlackCall call = call_of(destination, place);
    http::ClientRequest request = request_for(call, destination);
    request.body = slack_json(message, place, form);
    const auto answer = co_await client_.fetch(std::move(request));
    co_return settled(answer ? of_answer(call, *answer) : of_failure(call, answer.error()), form);
}

awaitable<Result<std::string>> SlackClient::check(std::string url) const {
    co_return co_await client_.check(std::move(url));
}

}  // namespace tollgate::delivery
