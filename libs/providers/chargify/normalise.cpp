#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "providers/chargify/chargify.hpp"
#include "providers/chargify/event_reading.hpp"
#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/json.hpp"
#include "providers/place.hpp"
#include "telemetry/text.hpp"

namespace tollgate::providers::chargify {

namespace {

using EventRow = EventRowOf<Reading>;

// There is no subscription_created and no subscription_updated by Chargify itself; what stands between may
// make them of signup_success and the changes.
constexpr auto events = std::to_array<EventRow>({
    {"customer_create", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_CREATED, read_customer},
    {"customer_update", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_customer},
    {"expiring_card", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_CARD_EXPIRING, read_card_event},
    {"payment_failure", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"payment_success", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment},
    {"pending_cancellation_change", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_pending_cancellation},
    {"refund_failure", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refund_success", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"renewal_failure", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_RENEWAL_FAILED, read_renewal},
    {"renewal_success", v1::CATEGORY_MONEY_IN, v1::FACT_SUBSCRIPTION_RENEWED, read_renewal},
    {"signup_failure", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"signup_success", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_signup},
    {"subscription_card_update", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_card_event},
    {"subscription_created", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_signup},
    {"subscription_product_change", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_product_change},
    {"subscription_state_change", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_state_change},
    {"subscription_updated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED, read_state_change},
    {"trial_end_notice", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_TRIAL_ENDING, read_subscription},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

Result<std::string> currency_of(std::string_view settings) {
    if (settings.empty()) return std::string{};
    const auto json = Json::parse(settings);
    if (!json) return std::unexpected{json.error().within("the source's settings")};
    JsonFields fields{*json};
    auto currency = fields.label("/currency").value_or("");
    if (fields.error()) return std::unexpected{fields.error()->within("the source's settings")};
    return currency;
}

}  // namespace

Reading::Reading(FormFields& form, std::string_view type, std::string currency, v1::PaymentEvent& event)
    : form_{form}, type_{type}, currency_{std::move(currency)}, event_{event} {
    for (const std::string_view place :
         {"[transaction][currency]", "[subscription][currency]", "[site][currency]"}) {
        if (auto told = text(place); !told.empty()) {
            currency_ = std::move(told);
            return;
        }
    }
}

std::string Reading::text(std::string_view name) const {
    const auto value = form_.optional(fmt::format("payload{}", name));
    return value ? telemetry::valid_utf8(*value) : std::string{};
}

std::uint64_t Reading::number(std::string_view name) const {
    const std::string digits = text(name);
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end ? value : 0;
}

std::optional<Timestamp> Reading::time(std::string_view name) const {
    return read_time(text(name));
}

std::optional<Money> Reading::cents(std::string_view name) const {
    const std::string digits = text(name);
    if (digits.empty()) return std::nullopt;
    const auto fail_with = [&](std::string_view why) {
        if (!error_) error_ = Error{ErrorCode::invalid, fmt::format("the form's payload{}: {}", name, why)};
        return std::nullopt;
    };
    if (currency_.empty()) {
        return fail_with(
            "an amount of no currency; payload[subscription][currency] should name it, or the source's "
            "setting \"currency\"");
    }
    const auto currency = Currency::parse(currency_);
    if (!currency) return fail_with(currency.error().detail);
    const auto money = whole_units(digits, *currency, currency->exponent());
    if (!money) return fail_with(money.error().detail);
    return *money;
}

void Reading::link_to(v1::LinkKind kind, std::string_view page, std::string_view id) const {
    const std::string site = text("[site][subdomain]");
    if (!is_plain_id(site) || !is_plain_id(id)) return;
    add_link(event_, kind, fmt::format("https://{}.chargify.com/{}/{}", site, page, id));
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    auto currency = currency_of(raw.settings);
    if (!currency) return std::unexpected{currency.error()};
    FormFields form{raw.body};
    v1::PaymentEvent event;
    const auto* const row = row_of<EventRow>(events, raw.type);
    if (row == nullptr) return event;
    tell(event, row->category, row->fact);
    const Reading reading{form, raw.type, *std::move(currency), event};
    row->read(reading);
    // Chargify numbers the events of a site as they happen.
    event.set_provider_version(reading.number("[event_id]"));
    if (reading.error()) return std::unexpected{*reading.error()};
    return event;
}

}  // namespace tollgate::providers::chargify
