#include "enrichment/payment.hpp"

#include <utility>

#include "archive/payment_reading.hpp"

namespace tollgate::enrichment {

using archive::without_zeros;

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
                                  .provider_time = archive::provider_time(payment),
                                  .amount = archive::amount_of(payment.amount()),
                                  .traceparent = facts.traceparent,
                                  .data = std::move(*data)};
}

}  // namespace tollgate::enrichment
