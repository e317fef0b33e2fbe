// Amounts as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "billing/payment_reports.hpp"
#include "core/money.hpp"

namespace tollgate {

// "1188.00 USD"; of a currency that nobody knows, its smallest units: "1188 ??? (minor)".
inline std::string amount_text(std::int64_t minor, const std::string& currency) {
    const auto known = Currency::parse(currency);
    return known ? Money{.minor = minor, .currency = *known}.text()
                 : fmt::format("{} {} (smallest units)", minor, currency);
}

inline std::string amount_text(const std::optional<std::int64_t>& minor,
                               const std::optional<std::string>& currency) {
    return minor && currency ? amount_text(*minor, *currency) : std::string{"-"};
}

// A provider may tell of a payment and not how much it was.
inline std::string amount_text(const billing::PaymentRow& payment) {
    return payment.amount && payment.currency ? amount_text(*payment.amount, *payment.currency)
                                              : std::string{"not told"};
}

inline boost::json::value captured_json(const billing::PaymentRow& payment) {
    return payment.paid_at && !payment.amount ? boost::json::value(nullptr)
                                              : boost::json::value(payment.captured);
}

}  // namespace tollgate
