// An amount in integer minor units with its ISO 4217 code. Decimals exist only in what people read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate {

// Three capital letters that ISO 4217 lists. Knows how many minor digits it has: JPY 0, USD 2, KWD 3.
class Currency {
public:
    static Result<Currency> parse(std::string_view code);  // any case

    std::string_view code() const { return code_; }
    int exponent() const { return exponent_; }

    friend bool operator==(const Currency& a, const Currency& b) { return a.code_ == b.code_; }

private:
    Currency(std::string_view code, int exponent) : code_{code}, exponent_{exponent} {}

    std::string_view code_;  // points into the table of currencies
    int exponent_;
};

struct Money {
    std::int64_t minor = 0;
    Currency currency;

    // "1188.00 USD", "-5 JPY"
    std::string text() const;

    // "100.50", "100,000" (commas group thousands and nothing else), "-3". More decimals than the currency
    // has, unless they are zeros, are an error: no rounding of money.
    static Result<Money> parse(std::string_view decimal, Currency currency);

    friend bool operator==(const Money&, const Money&) = default;
};

// Errors instead of overflow, and instead of mixing currencies.
Result<Money> add(const Money& a, const Money& b);

}  // namespace tollgate
