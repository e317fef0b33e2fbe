#include "normalised.hpp"

#include <catch2/catch.hpp>

#include "requests.hpp"

namespace tollgate::providers::testing {

Result<events::PaymentEvent> normalised(std::string_view provider, std::string_view type,
                                        std::string_view body) {
    return normalise(testing::provider(provider), {.source = provider,
                                                   .settings = {},
                                                   .type = type,
                                                   .event_id = "evt_1",
                                                   .account = {},
                                                   .mode = "live",
                                                   .subject = {},
                                                   .ordering_key = {},
                                                   .time = noon,
                                                   .proof = "signature",
                                                   .content_type = "application/json",
                                                   .body = body});
}

events::PaymentEvent event_of(std::string_view provider, std::string_view type, std::string_view body) {
    auto event = normalised(provider, type, body);
    if (!event) FAIL(provider << " " << type << ": " << event.error().text());
    return *event;
}

std::string refused(std::string_view provider, std::string_view type, std::string_view body) {
    const auto event = normalised(provider, type, body);
    if (event) return "";
    CHECK(event.error().code == ErrorCode::invalid);
    return event.error().detail;
}

std::string stripe_body(std::string_view object, std::string_view before) {
    return fmt::format(R"({{"object": "event", "data": {{"object": {}, "previous_attributes": {}}}}})",
                       object, before);
}

events::PaymentEvent stripe_event(std::string_view type, std::string_view object, std::string_view before) {
    return event_of("stripe", type, stripe_body(object, before));
}

std::string sample_with(std::string_view provider, std::string_view type, std::string_view text,
                        std::string_view other) {
    std::string body = own_bytes(testing::provider(provider), sample(testing::provider(provider), type));
    std::size_t at = body.find(text);
    if (at == std::string::npos) FAIL(provider << " " << type << " has no " << text);
    for (; at != std::string::npos; at = body.find(text, at + other.size())) {
        body.replace(at, text.size(), other);
    }
    return body;
}

events::PaymentEvent event_with(std::string_view provider, std::string_view type, std::string_view text,
                                std::string_view other) {
    return event_of(provider, type, sample_with(provider, type, text, other));
}

std::string fact_of(const events::PaymentEvent& event) {
    return v1::Fact_Name(event.fact());
}

std::string fact_with(std::string_view provider, std::string_view type, std::string_view text,
                      std::string_view other) {
    return fact_of(event_with(provider, type, text, other));
}

std::string words(const v1::Money& money) {
    return fmt::format("{} {}", money.minor(), money.currency());
}

}  // namespace tollgate::providers::testing
