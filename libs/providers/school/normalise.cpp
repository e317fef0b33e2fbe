#include <algorithm>
#include <array>

#include "providers/fill.hpp"
#include "providers/place.hpp"
#include "providers/school/school.hpp"

namespace tollgate::providers::school {

namespace {

struct StatusRow {
    std::string_view type;  // "payment." and the body's status
    v1::Category category;
    v1::Fact fact;
};
constexpr std::array<StatusRow, 3> statuses{{
    {"payment.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED},
    {"payment.pending", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING},
    {"payment.success", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED},
}};

// Whoever writes "SUCCESS" has been paid, too.
char in_small_letters(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

// The payer is the provider's student; who that is at the school, the directory knows.
Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    const auto json = Json::parse(raw.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    v1::PaymentEvent event;
    const auto* const row = std::ranges::find_if(statuses, [&](const StatusRow& each) {
        return std::ranges::equal(each.type, raw.type, {}, {}, in_small_letters);
    });
    if (row != statuses.end()) {
        const Place body{*json, fields};
        const std::string id = body.text("/external_txn_id");
        event.set_category(row->category);
        event.set_fact(row->fact);
        set_subject(event, v1::SUBJECT_KIND_PAYMENT, id);
        event.mutable_references()->set_payment_id(id);
        if (!body.has("/amount")) body.wrong("/amount", "it is not there");
        put(body.decimal("/amount", "/currency"), event, &v1::PaymentEvent::mutable_amount);
        auto& customer = *event.mutable_customer();
        customer.set_id(body.text("/provider_student_id"));
        customer.set_name(body.text("/raw/payer/name"));
        customer.set_email(body.text("/raw/payer/email"));
        put(body.time("/raw/paid_at"), event, &v1::PaymentEvent::mutable_provider_time);
        if (event.fact() == v1::FACT_PAYMENT_FAILED) {
            event.set_failure_reason(body.text("/raw/gateway_response"));
        }
    }
    if (fields.error()) return std::unexpected{*fields.error()};
    return event;
}

}  // namespace tollgate::providers::school
