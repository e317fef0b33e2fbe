#include "signed.hpp"

namespace tollgate::providers::testing {

std::string words(const Item& item) {
    const auto or_none = [](const std::optional<std::string>& text) { return text.value_or("-"); };
    return fmt::format("{} id={} account={} mode={} subject={} order={} time={}", item.type,
                       or_none(item.event_id), or_none(item.account), name(item.mode), or_none(item.subject),
                       or_none(item.ordering_key), item.time ? to_rfc3339(*item.time) : "-");
}

Request Signed::request(std::string_view body, http::Headers headers) const {
    return delivered(provider, "{}", secret.reveal(),
                     {.type = "x", .body = body, .headers = std::move(headers)});
}

Request Signed::sample_request(std::string_view type) const {
    return delivered(provider, "{}", secret.reveal(), sample(provider, type));
}

Item Signed::item_of(const Request& request) const {
    return item(provider, *trust(provider, "{}", {secret.reveal()}), request);
}

std::string Signed::why_not(std::string_view body, http::Headers headers) const {
    return not_identified(provider, *trust(provider, "{}", {secret.reveal()}),
                          request(body, std::move(headers)));
}

std::string Signed::said_with(std::string_view settings, const Request& request) const {
    return said(verify(provider, *trust(provider, settings, {secret.reveal()}), request));
}

Signed of(std::string_view name) {
    return {testing::provider(name)};
}

}  // namespace tollgate::providers::testing
