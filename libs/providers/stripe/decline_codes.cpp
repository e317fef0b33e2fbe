#include "providers/stripe/decline_codes.hpp"

#include <algorithm>
#include <array>

namespace tollgate::providers::stripe {

namespace {

// "stolen_card" and the like are told as a plain decline: Stripe asks that the payer does not learn of them,
// and messages are forwarded. The code itself is kept beside the words.
constexpr auto codes = std::to_array<CodeWords>({
    {"account_closed", "the bank account is closed"},
    {"amount_too_large", "the amount is above what the provider takes"},
    {"amount_too_small", "the amount is below what the provider takes"},
    {"approve_with_id", "the bank could not authorise the payment"},
    {"authentication_not_handled", "the payer did not confirm the payment"},
    {"authentication_required", "the bank asks the payer to confirm the payment"},
    {"balance_insufficient", "insufficient funds"},
    {"bank_account_declined", "the bank account cannot be used"},
    {"call_issuer", "the bank declined it without a reason"},
    {"card_decline_rate_limit_exceeded", "the card was declined too often"},
    {"card_declined", "the card was declined"},
    {"card_not_supported", "the card does not allow this kind of payment"},
    {"card_velocity_exceeded", "the card is over its limit"},
    {"charge_exceeds_source_limit", "the payer is over the limit of this payment method"},
    {"currency_not_supported", "the card does not take this currency"},
    {"debit_not_authorized", "the payer says that the debit was not authorised"},
    {"do_not_honor", "the bank declined it without a reason"},
    {"do_not_try_again", "the bank declined it and asks not to try again"},
    {"duplicate_transaction", "the same amount was charged a moment ago"},
    {"expired_card", "the card has expired"},
    {"fraudulent", "the bank declined it without a reason"},
    {"generic_decline", "the bank declined it without a reason"},
    {"incorrect_address", "the address does not match the card's"},
    {"incorrect_cvc", "the security code is wrong"},
    {"incorrect_number", "the card's number is wrong"},
    {"incorrect_pin", "the PIN is wrong"},
    {"incorrect_zip", "the postal code does not match the card's"},
    {"insufficient_funds", "insufficient funds"},
    {"invalid_account", "the card or its account is not valid"},
    {"invalid_amount", "the amount is not one that the bank takes"},
    {"invalid_cvc", "the security code is wrong"},
    {"invalid_expiry_month", "the card's expiry month is wrong"},
    {"invalid_expiry_year", "the card's expiry year is wrong"},
    {"invalid_number", "the card's number is wrong"},
    {"invalid_pin", "the PIN is wrong"},
    {"issuer_not_available", "the bank could not be reached"},
    {"live_mode_test_card", "it is a test card"},
    {"lost_card", "the bank declined it without a reason"},
    {"merchant_blacklist", "the bank declined it without a reason"},
    {"mobile_device_authentication_required", "the bank asks the payer to confirm the payment"},
    {"new_account_information_available", "the card or its account is not valid any more"},
    {"no_account", "there is no such bank account"},
    {"no_action_taken", "the bank declined it without a reason"},
    {"not_permitted", "the card does not allow this payment"},
    {"offline_pin_required", "the card asks for its PIN"},
    {"online_or_offline_pin_required", "the card asks for its PIN"},
    {"payment_intent_authentication_failure", "the payer could not be authenticated"},
    {"payment_intent_payment_attempt_expired", "the payer did not confirm in time"},
    {"payment_method_customer_decline", "the payer declined it"},
    {"payment_method_not_available", "the payment method cannot be reached now"},
    {"payment_method_provider_decline", "the payment method's provider declined it"},
    {"payment_method_provider_timeout", "the payment method's provider did not answer in time"},
    {"pickup_card", "the bank declined it without a reason"},
    {"pin_try_exceeded", "the PIN was wrong too often"},
    {"processing_error", "an error while the card was processed"},
    {"reenter_transaction", "the bank could not process it"},
    {"restricted_card", "the bank declined it without a reason"},
    {"revocation_of_all_authorizations", "the payer has withdrawn the permission to charge the card"},
    {"revocation_of_authorization", "the payer has withdrawn the permission to charge the card"},
    {"security_violation", "the bank declined it without a reason"},
    {"service_not_allowed", "the card does not allow this payment"},
    {"stolen_card", "the bank declined it without a reason"},
    {"stop_payment_order", "the payer has stopped the payment at the bank"},
    {"testmode_decline", "it is a test card"},
    {"transaction_not_allowed", "the card does not allow this payment"},
    {"try_again_later", "the bank could not process it now"},
    {"withdrawal_count_limit_exceeded", "the card is over its limit"},
});
static_assert(std::ranges::is_sorted(codes, {}, &CodeWords::code));

}  // namespace

std::span<const CodeWords> decline_codes() {
    return codes;
}

}  // namespace tollgate::providers::stripe
