#include "ingress/new_events.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "archive/days.hpp"
#include "telemetry/text.hpp"

namespace tollgate::ingress {

namespace {

// As received, but for what would let a reader of the archive in somewhere: credentials of the protocol's,
// and the source's secret where that was sent along.
std::string text_of(const http::Headers& headers, const tenants::Source& source) {
    constexpr std::array<std::string_view, 3> credentials{"Authorization", "Proxy-Authorization", "Cookie"};
    const auto is_secret = [&](const http::HeaderField& field) {
        return std::ranges::any_of(
                   credentials,
                   [&](std::string_view name) { return http::equal_ignoring_case(name, field.name); }) ||
               std::ranges::any_of(source.secrets, [&](const tenants::OpenSecret& secret) {
                   return field.value.contains(secret.value.reveal());
               });
    };
    std::string text;
    for (const http::HeaderField field : headers)
        text.append(field.name)
            .append(": ")
            .append(is_secret(field) ? "[redacted]" : field.value)
            .append("\n");
    return text;
}

std::optional<std::string> text_or_none(std::optional<std::string_view> text) {
    // A header may have any bytes; a text in the database may not.
    if (!text || telemetry::valid_utf8(*text) != *text) return std::nullopt;
    return std::string{*text};
}

}  // namespace

Events events_of(const providers::Provider& provider, const tenants::Source& source, http::Request& request,
                 const providers::Verified& verified, const std::vector<providers::Item>& items,
                 Timestamp now) {
    const std::vector<Uuid> ids = archive::make_ids_of_one_day(items.size());
    const std::string_view kept = items.front().content ? *items.front().content : request.body;
    // One event may stand in a wrapping: what is read of it later is its own bytes.
    const auto is_whole = [&](const providers::Item& item) {
        return items.size() == 1 && item.offset == 0 && item.length == kept.size();
    };
    Events events;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const providers::Item& item = items[i];
        NewEvent made{.event = {.id = ids[i],
                                .tenant = source.tenant,
                                .source = source.slug,
                                .provider = std::string{provider.name},
                                .type = item.type,
                                .provider_event_id = item.event_id,
                                .provider_time = item.time,
                                .subject = item.subject,
                                .ordering_key = item.ordering_key,
                                .content_type = text_or_none(request.headers.get("Content-Type")),
                                .traceparent = request.trace.traceparent(),
                                .account = item.account,
                                .proof = std::string{providers::name(verified.proof)},
                                .secret = verified.secret,
                                .received_from = request.client.text()},
                      .source = source.id,
                      .keys = {half_digest(item.key)},
                      .fingerprint = half_digest(item.fingerprint)};
        if (item.mode != providers::Mode::unknown) made.event.mode = providers::name(item.mode);
        if (item.second_key) made.keys.push_back(half_digest(*item.second_key));
        if (provider.keys_live) made.keys_expire = now + *provider.keys_live;
        if (!is_whole(item)) {
            made.event.slice = archive::Slice{.of = ids.front(),
                                              .offset = static_cast<std::int32_t>(item.offset),
                                              .length = static_cast<std::int32_t>(item.length)};
        }
        events.push_back(std::move(made));
    }
    events.front().event.headers = text_of(request.headers, source);
    if (items.front().content) {
        for (NewEvent& each : events) each.event.content_type = "application/json";
        events.front().event.body = *items.front().content;
        return events;
    }
    events.front().event.body = std::move(request.body);
    return events;
}

}  // namespace tollgate::ingress
