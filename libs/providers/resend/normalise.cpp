#include <algorithm>
#include <array>

#include "providers/fill.hpp"
#include "providers/place.hpp"
#include "providers/resend/resend.hpp"

namespace tollgate::providers::resend {

namespace {

constexpr std::array<std::string_view, 11> types{
    "email.bounced",          "email.clicked", "email.complained", "email.delivered",
    "email.delivery_delayed", "email.failed",  "email.opened",     "email.received",
    "email.scheduled",        "email.sent",    "email.suppressed"};
static_assert(std::ranges::is_sorted(types));

// "Permanent/Suppressed"
std::string bounce_code(const Place& bounce) {
    const std::string type = bounce.text("/type");
    const std::string kind = bounce.text("/subType");
    return fmt::format("{}{}{}", type, type.empty() || kind.empty() ? "" : "/", kind);
}

void read_failure(const Place& data, v1::PaymentEvent& event) {
    if (data.has("/bounce")) {
        event.set_failure_code(bounce_code(data.at("/bounce")));
        event.set_failure_reason(data.text("/bounce/message"));
    } else if (data.has("/suppressed")) {
        event.set_failure_code(data.text("/suppressed/type"));
        event.set_failure_reason(data.text("/suppressed/message"));
    } else if (data.has("/failed/reason")) {
        event.set_failure_code(data.text("/failed/reason"));
        std::string words = event.failure_code();
        std::ranges::replace(words, '_', ' ');
        event.set_failure_reason(std::move(words));
    }
}

}  // namespace

// No payments: what becomes of e-mails, told as far as it helps to find and show them.
Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    const auto json = Json::parse(raw.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    v1::PaymentEvent event;
    put(fields.time("/created_at"), event, &v1::PaymentEvent::mutable_provider_time);
    if (std::ranges::binary_search(types, raw.type)) {
        const Place data{*json, fields, "/data"};
        event.set_category(v1::CATEGORY_OTHER);
        set_subject(event, v1::SUBJECT_KIND_MESSAGE, data.text("/email_id"), data.text("/subject"));
        // Whoever is on the other side.
        event.mutable_customer()->set_email(data.text(raw.type == "email.received" ? "/from" : "/to/0"));
        read_failure(data, event);
        data.attributes("/tags", event);
        data.named_values("/tags", event);
    }
    if (fields.error()) return std::unexpected{*fields.error()};
    return event;
}

}  // namespace tollgate::providers::resend
