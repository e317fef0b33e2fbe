#include "providers/razorpay/error_reasons.hpp"

#include <algorithm>
#include <array>

namespace tollgate::providers::razorpay {

namespace {

constexpr auto reasons = std::to_array<CodeWords>({
    {"amount_mismatch", "the amount does not match the order's"},
    {"authentication_failed", "the payer could not be authenticated"},
    {"bank_technical_error", "an error at the bank"},
    {"card_declined", "the card was declined"},
    {"card_expired", "the card has expired"},
    {"card_not_enrolled", "the card is not enrolled for authentication"},
    {"card_number_invalid", "the card's number is wrong"},
    {"debit_declined", "the bank declined the debit"},
    {"debit_instrument_blocked", "the card is blocked"},
    {"debit_instrument_inactive", "the card or account is not active"},
    {"gateway_technical_error", "an error at the payment gateway"},
    {"incorrect_atm_pin", "the PIN is wrong"},
    {"incorrect_card_details", "the card's details are wrong"},
    {"incorrect_card_expiry_date", "the card's expiry date is wrong"},
    {"incorrect_cvv", "the security code is wrong"},
    {"incorrect_otp", "the one-time password is wrong"},
    {"incorrect_pin", "the PIN is wrong"},
    {"insufficient_funds", "insufficient funds"},
    {"international_transaction_not_allowed", "the card does not allow payments abroad"},
    {"invalid_vpa", "the UPI address is wrong"},
    {"issuer_technical_error", "an error at the bank"},
    {"otp_attempts_exceeded", "the one-time password was wrong too often"},
    {"otp_expired", "the one-time password has expired"},
    {"payment_cancelled", "the payer cancelled the payment"},
    {"payment_declined", "the bank declined it without a reason"},
    {"payment_pending", "the bank has not answered yet"},
    {"payment_risk_check_failed", "the payment was taken for risky"},
    {"payment_session_expired", "the payer did not finish in time"},
    {"payment_timed_out", "the payer did not finish in time"},
    {"server_error", "an error at Razorpay"},
    {"transaction_daily_count_exceeded", "the payer is over the limit of payments a day"},
    {"transaction_daily_limit_exceeded", "the payer is over the limit of a day"},
    {"transaction_limit_exceeded", "the amount is above the payer's limit"},
    {"transaction_not_permitted", "the card does not allow this payment"},
    {"upi_app_technical_error", "an error in the UPI app"},
    {"user_not_eligible", "the payer cannot use this way of paying"},
});
static_assert(std::ranges::is_sorted(reasons, {}, &CodeWords::code));

}  // namespace

std::span<const CodeWords> error_reasons() {
    return reasons;
}

}  // namespace tollgate::providers::razorpay
