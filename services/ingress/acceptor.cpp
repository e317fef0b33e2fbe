#include "ingress/acceptor.hpp"

#include <algorithm>
#include <array>

#include "http/completion.hpp"
#include "ingress/answers.hpp"
#include "ingress/new_events.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;
using boost::asio::awaitable;
using http::Request;
using http::Response;

namespace {

constexpr std::chrono::seconds come_again_after_limit{10};
constexpr std::chrono::seconds come_again_after_full{30};
// A provider asks for one document at a time: beyond this it goes round in circles.
constexpr int documents_max = 4;

FailureLimiter::TimePoint steady_now() {
    return std::chrono::steady_clock::now();
}

// "X-Signature fits none of the secrets". With a colon behind a name like that the log would redact what
// follows.
std::string in_words(const providers::Refused& refused) {
    std::string words = refused.where;
    if (const std::size_t colon = words.find(": "); colon != std::string::npos) words.erase(colon, 1);
    return words;
}

// One line for each, so that what should not be there can be found again.
void tell_of_unsigned(const Events& events) {
    for (const NewEvent& event : events) {
        log::warning("DEVELOPMENT: an unsigned webhook is taken",
                     {{"tenant", event.event.tenant},
                      {"event_id", event.event.id},
                      {"source", event.event.source},
                      {"address", event.event.received_from.value_or("")}});
    }
}

void tell_of_left_out(const tenants::Source& source, const std::vector<providers::Item>& items) {
    for (const providers::Item& item : items) {
        for (const std::string& why : item.left_out) {
            log::warning(
                "an event is taken without what no table takes",
                {{"tenant", source.tenant}, {"source", source.slug}, {"type", item.type}, {"why", why}});
        }
    }
}

}  // namespace

std::expected<Acceptor::Source, Response> Acceptor::find(const Place& place, const Request& request) const {
    // Who has not read the sources lately does not know what was closed, nor what there is.
    if (const auto known = parts_.registry.check(); !known)
        return std::unexpected{http::to_response(known.error())};
    Source source = place.find(*parts_.registry.directory(), request);
    if (source && source->enabled) {
        const Door* const door = door_of(*source);
        if (door != nullptr && door->trust != nullptr) return source;
        // Ours to mend: the log says what it is. A provider that hears 503 comes again.
        return std::unexpected{
            http::to_response({ErrorCode::unavailable, "the source is closed"}, come_again_after_full)};
    }
    // The same for what does not exist, what is disabled and what is another's.
    return std::unexpected{http::problem(404, {}, "no source takes webhooks here")};
}

std::expected<std::uint64_t, Response> Acceptor::admit(const Place& place, const Request& head) {
    look_for_unknown_proxy(head);
    auto found = find(place, head);
    const Uuid whose = found ? (*found)->id : Uuid{};
    const providers::Provider* const provider = found ? door_of(**found)->provider : nullptr;
    if (!parts_.limiter.may_try(head.client, whose, steady_now())) {
        parts_.metrics.ended(provider, found ? Ending::limited : Ending::unknown_place);
        return std::unexpected{
            http::to_response({ErrorCode::rate_limited, "too many requests that could not be verified"},
                              come_again_after_limit)};
    }
    if (!found) {
        if (found.error().status == 404) parts_.limiter.failed(head.client, whose, steady_now());
        parts_.metrics.ended(nullptr, Ending::unknown_place);
        return std::unexpected{std::move(found.error())};
    }
    const bool may_ask = head.method == http::Method::get && provider->asks_by_get && !place.takes_all;
    if (head.method != http::Method::post && !may_ask) {
        parts_.metrics.ended(provider, Ending::unknown_place);
        auto refused = http::problem(405, {}, "webhooks come by POST");
        refused.headers.add("Allow", "POST");
        return std::unexpected{std::move(refused)};
    }
    if (parts_.is_full()) {
        parts_.metrics.ended(provider, Ending::failed);
        return std::unexpected{
            http::to_response({ErrorCode::unavailable, "the journal is full"}, come_again_after_full)};
    }
    return provider->body_bytes_max;
}

void Acceptor::broken(const Place& place, const Request& head) {
    const auto found = find(place, head);
    if (!found) return;  // closed while the body came
    parts_.limiter.failed(head.client, (*found)->id, steady_now());
    parts_.metrics.ended(door_of(**found)->provider, Ending::broken);
}

// All behind it would have one limit of failures, of connections and of bytes between them.
void Acceptor::look_for_unknown_proxy(const Request& head) {
    if (head.client != head.peer || !head.headers.contains("X-Forwarded-For")) return;
    if (settings_.trusted_proxies.contains(head.peer)) return;
    const std::uint64_t times = unknown_proxy_line_.due(steady_now());
    if (times == 0) return;
    log::warning(
        "X-Forwarded-For came from an address that is not trusted, and was not looked at: if it is a proxy "
        "of yours, name it in http.trusted_proxies, else all behind it share one sender's limits",
        {{"address", head.peer.text()}, {"times", times}});
}

awaitable<Response> Acceptor::accept(const Place& place, Request request) {
    // Once more: it may have been closed while the body came.
    auto found = find(place, request);
    if (!found) {
        parts_.metrics.ended(nullptr, Ending::unknown_place);
        co_return std::move(found.error());
    }
    const Source source = std::move(*found);
    const Door& door = *door_of(*source);
    const std::string url = settings_.public_url + request.target;
    const providers::Received received{
        .method = request.method, .url = url, .headers = request.headers, .body = request.body};
    providers::Documents documents;
    providers::Verified verified{.proof = providers::Proof::none};
    if (!place.takes_all) {
        Believed believed = co_await believe(source, received, request, documents);
        if (auto* const response = std::get_if<Response>(&believed)) co_return std::move(*response);
        verified = std::get<providers::Verified>(believed);
    }
    auto items = door.provider->identify(*door.trust, received, documents);
    if (items && items->size() > settings_.events_per_request_max)
        items = fail(ErrorCode::too_large, "a request may bring {} events", settings_.events_per_request_max);
    if (!items) {
        parts_.metrics.ended(door.provider, Ending::malformed);
        log::warning("a verified webhook is not what its provider sends",
                     {{"tenant", source->tenant}, {"source", source->slug}, {"error", items.error()}});
        co_return http::to_response(items.error());
    }
    tell_of_left_out(*source, *items);
    if (!place.takes_all) parts_.limiter.verified(request.client, source->id, steady_now());
    if (verified.secret) parts_.registry.used(*verified.secret, parts_.clock.now());
    Events events = events_of(*door.provider, *source, request, verified, *items, parts_.clock.now());
    if (place.takes_all) tell_of_unsigned(events);
    const auto receipt = co_await http::completed_by<Receipt>(
        [&](const http::Completion<Receipt>& done) { parts_.group_commit.submit(std::move(events), done); });
    parts_.metrics.ended(door.provider, receipt ? Ending::committed : Ending::failed);
    if (!receipt) co_return http::to_response(receipt.error());
    parts_.hearing.heard(source->tenant, source->id);
    co_return answer(*door.provider, place.form, *receipt, *items);
}

awaitable<Acceptor::Believed> Acceptor::believe(const Source& source, const providers::Received& received,
                                                const Request& request, providers::Documents& documents) {
    const Door& door = *door_of(*source);
    for (int round = 0; round <= documents_max; ++round) {
        auto verdict = door.provider->verify(*door.trust, received, parts_.clock.now(), documents);
        if (const auto* const verified = std::get_if<providers::Verified>(&verdict)) co_return *verified;
        if (const auto* const refused = std::get_if<providers::Refused>(&verdict))
            co_return refuse(source, request, *refused);
        if (auto* const answer = std::get_if<providers::Answer>(&verdict)) {
            parts_.metrics.ended(door.provider, Ending::answered);
            co_return std::move(answer->response);
        }
        const auto& wanted = std::get<providers::DocumentRequest>(verdict);
        const bool is_known = parts_.limiter.knows(request.client, source->id, steady_now());
        auto document = co_await parts_.documents.get(wanted, {.source = source->id, .is_known = is_known});
        if (!document) co_return without_document(source, request, document.error());
        documents.insert_or_assign(wanted.url, std::move(*document));
    }
    co_return http::to_response(
        {ErrorCode::internal, fmt::format("{} asks for documents without end", door.provider->name)});
}

// A sender who names what is not there may have made it up, and may be the provider whose copies lag behind:
// he comes again, but not as often as he likes.
Response Acceptor::without_document(const Source& source, const Request& request, const Error& error) {
    const bool limited = error.code == ErrorCode::rate_limited;
    if (error.code == ErrorCode::not_found) parts_.limiter.failed(request.client, source->id, steady_now());
    parts_.metrics.ended(door_of(*source)->provider, limited ? Ending::limited : Ending::failed);
    log::warning("a webhook could not be verified: a document of its provider's is not to be had",
                 {{"tenant", source->tenant},
                  {"source", source->slug},
                  {"error", error},
                  {"address", request.client.text()}});
    if (limited) return http::to_response(error, come_again_after_limit);
    return http::to_response({ErrorCode::unavailable, "a document of the provider's is not to be had"});
}

Response Acceptor::refuse(const Source& source, const Request& request, const providers::Refused& refused) {
    const providers::Provider& provider = *door_of(*source)->provider;
    // It may have been one of the secrets that this process has no key for: ours to mend, and not the
    // sender's fault.
    const bool ours = source->unopened_secrets > 0;
    if (!ours) parts_.limiter.failed(request.client, source->id, steady_now());
    parts_.metrics.ended(&provider, ours ? Ending::failed : Ending::unverified);
    parts_.metrics.refused(provider, refused.reason);
    log::warning("a webhook was not believed", {{"tenant", source->tenant},
                                                {"trace_id", request.trace.trace_id_text()},
                                                {"source", source->slug},
                                                {"provider", provider.name},
                                                {"reason", providers::name(refused.reason)},
                                                {"why", in_words(refused)},
                                                {"address", request.client.text()}});
    if (ours) return http::to_response({ErrorCode::unavailable, "a secret of the source cannot be opened"});
    return http::to_response({ErrorCode::unauthenticated, {}});
}

}  // namespace tollgate::ingress
