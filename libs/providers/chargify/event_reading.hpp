// What one event is read from and into, and the readers of each kind of event.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/money.hpp"
#include "events/payment_event.hpp"
#include "providers/form.hpp"

namespace tollgate::providers::chargify {

class Reading {
public:
    // The currency is the source's setting, or empty.
    Reading(FormFields& form, std::string_view type, std::string currency, v1::PaymentEvent& event);

    std::string_view type() const { return type_; }
    v1::PaymentEvent& event() const { return event_; }

    // "[subscription][id]" is the form's payload[subscription][id]; empty if it is not there.
    std::string text(std::string_view name) const;
    bool is_true(std::string_view name) const { return text(name) == "true"; }
    std::uint64_t number(std::string_view name) const;  // 0: not told
    std::optional<Timestamp> time(std::string_view name) const;
    // In cents, which are the currency's smallest unit.
    std::optional<Money> cents(std::string_view name) const;

    void link_to(v1::LinkKind kind, std::string_view page, std::string_view id) const;
    // What went wrong, if nothing did before.
    const std::optional<Error>& error() const { return form_.error() ? form_.error() : error_; }

private:
    FormFields& form_;
    std::string_view type_;
    std::string currency_;
    v1::PaymentEvent& event_;
    mutable std::optional<Error> error_;
};

void read_payment(const Reading& reading);
void read_refund(const Reading& reading);
void read_renewal(const Reading& reading);
void read_signup(const Reading& reading);
void read_subscription(const Reading& reading);
void read_state_change(const Reading& reading);
void read_product_change(const Reading& reading);
void read_pending_cancellation(const Reading& reading);
void read_customer(const Reading& reading);
void read_card_event(const Reading& reading);

}  // namespace tollgate::providers::chargify
