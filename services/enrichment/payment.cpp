#include "enrichment/payment.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tollgate::enrichment {

namespace {

// Those that `encode` accepts: what is beyond cannot be reckoned with either.
constexpr auto first_second =
    std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}}.time_since_epoch().count();
constexpr auto end_second = std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}}
                                .time_since_epoch()
                                .count();
constexpr std::int32_t nanos_per_second = 1'000'000'000;

}  // namespace

std::string without_zeros(std::string text) {
    std::erase(text, '\0');
    return text;
}

std::optional<Timestamp> provider_time(const events::PaymentEvent& payment) {
    const auto& time = payment.provider_time();
    if (!payment.has_provider_time() || time.seconds() < first_second || time.seconds() >= end_second ||
        time.nanos() < 0 || time.nanos() >= nanos_per_second)
        return std::nullopt;
    return Timestamp{std::chrono::seconds{time.seconds()} +
                     std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds{time.nanos()})};
}

std::optional<archive::Amount> amount(const events::PaymentEvent& payment) {
    if (!payment.has_amount() || payment.amount().currency().empty()) return std::nullopt;
    return archive::Amount{.minor = payment.amount().minor(),
                           .currency = without_zeros(payment.amount().currency())};
}

providers::RawEvent to_raw(const KnownEvent& known, std::string_view body) {
    const archive::EventFacts& facts = known.facts;
    return {.source = facts.source,
            .settings = known.settings,
            .type = facts.type,
            .event_id = facts.provider_event_id,
            .account = facts.account,
            .mode = facts.mode,
            .subject = facts.subject,
            .ordering_key = facts.ordering_key,
            .time = facts.provider_time,
            .proof = facts.proof,
            .content_type = facts.content_type,
            .body = body};
}

Result<archive::StoredPayment> to_stored(const archive::EventFacts& facts,
                                         const events::PaymentEvent& payment) {
    auto data = events::encode(payment);
    if (!data) return std::unexpected{data.error()};
    return archive::StoredPayment{.id = facts.id,
                                  .tenant = facts.tenant,
                                  .source = facts.source,
                                  .provider = facts.provider,
                                  .category = std::string{events::name(payment.category())},
                                  .type = facts.type,
                                  .subject = without_zeros(payment.subject().id()),
                                  .customer = without_zeros(payment.customer().id()),
                                  // As the raw record's, so that both have one key.
                                  .ordering_key = facts.ordering_key,
                                  .provider_time = provider_time(payment),
                                  .amount = amount(payment),
                                  .traceparent = facts.traceparent,
                                  .data = std::move(*data)};
}

}  // namespace tollgate::enrichment
