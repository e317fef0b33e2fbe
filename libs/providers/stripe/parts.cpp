#include <algorithm>
#include <array>
#include <utility>

#include "providers/fill.hpp"
#include "providers/stripe/decline_codes.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

namespace {

struct CountedOtherwise {
    std::string_view code;
    int decimals;
};
// The ariary's fifth is no unit for Stripe. Króna and shilling have lost their decimals; Stripe's amounts
// keep two, which are zeros.
constexpr std::array<CountedOtherwise, 3> counted_otherwise{{{"ISK", 2}, {"MGA", 0}, {"UGX", 2}}};

}  // namespace

int decimals_of(const Currency& currency) {
    const auto* const found = std::ranges::find(counted_otherwise, currency.code(), &CountedOtherwise::code);
    return found == counted_otherwise.end() ? currency.exponent() : found->decimals;
}

std::optional<Money> amount(const Place& place, std::string_view below, std::string_view currency) {
    return place.units(below, currency, decimals_of);
}

void link_to(const Reading& reading, v1::LinkKind kind, std::string_view page, std::string_view id) {
    if (!is_plain_id(id)) return;
    add_link(reading.event, kind, fmt::format("{}/{}/{}", reading.dashboard, page, id));
}

void read_person(const Place& person, v1::Customer& customer) {
    if (auto name = person.text("/name"); !name.empty()) customer.set_name(std::move(name));
    if (auto email = person.text("/email"); !email.empty()) customer.set_email(std::move(email));
    if (auto phone = person.text("/phone"); !phone.empty()) customer.set_phone(std::move(phone));
    if (auto country = person.text("/address/country"); !country.empty()) {
        customer.set_country(std::move(country));
    }
}

void read_customer_id(const Reading& reading) {
    const std::string id = reading.object.id("/customer");
    reading.event.mutable_customer()->set_id(id);
    link_to(reading, v1::LINK_KIND_CUSTOMER, "customers", id);
}

void read_card(const Place& card, v1::PaymentEvent& event) {
    if (!card.has("/last4") && !card.has("/brand")) return;
    auto& to = *event.mutable_card();
    to.set_brand(card.text("/brand"));
    to.set_last_four(last_four_of(card.text("/last4")));
    to.set_expiry_month(card.count("/exp_month"));
    to.set_expiry_year(card.count("/exp_year"));
}

void read_failure(std::string_view decline_code, std::string_view code, std::string message,
                  v1::PaymentEvent& event) {
    if (decline_code.empty() && code.empty() && message.empty()) return;
    event.set_failure_code(std::string{decline_code.empty() ? code : decline_code});
    const std::string_view declined = words_for(decline_codes(), decline_code);
    const std::string_view words = declined.empty() ? words_for(decline_codes(), code) : declined;
    // "The card was declined" says less than Stripe's sentence, if the bank's reason is one that we do not
    // know.
    const bool vague = declined.empty() && !decline_code.empty();
    event.set_failure_reason(words.empty() || (vague && !message.empty()) ? std::move(message)
                                                                          : std::string{words});
}

void read_payment_error(const Place& error, v1::PaymentEvent& event) {
    read_failure(error.text("/decline_code"), error.text("/code"), error.text("/message"), event);
    read_card(error.at("/payment_method/card"), event);
}

}  // namespace tollgate::providers::stripe
