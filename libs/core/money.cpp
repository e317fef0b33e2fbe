#include "core/money.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace tollgate {

namespace {

struct CurrencyRow {
    std::string_view code;
    int exponent;
};

// ISO 4217's active codes with their minor digits, in order of code; and HRK, SLL and STD, which it has
// withdrawn and payment providers still name.
constexpr auto currencies = std::to_array<CurrencyRow>({
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2},
    {"AWG", 2}, {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0},
    {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2},
    {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4},
    {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2},
    {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2},
    {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0},
    {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HRK", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2},
    {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0},
    {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2},
    {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2},
    {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2},
    {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2},
    {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2},
    {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2},
    {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2},
    {"SLE", 2}, {"SLL", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STD", 2}, {"STN", 2}, {"SVC", 2},
    {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2},
    {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0},
    {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2},
    {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2},
    {"ZWG", 2},
});
static_assert(std::ranges::is_sorted(currencies, {}, &CurrencyRow::code));

constexpr std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The digits of the whole part without its grouping, or nothing when a comma stands where none may.
bool ungroup(std::string_view whole, std::string& digits) {
    const bool grouped = whole.find(',') != std::string_view::npos;
    std::size_t since_comma = 0;
    bool seen_comma = false;
    for (const char c : whole) {
        if (c == ',') {
            if (seen_comma ? since_comma != 3 : since_comma < 1 || since_comma > 3) return false;
            seen_comma = true;
            since_comma = 0;
        } else if (is_digit(c)) {
            digits.push_back(c);
            ++since_comma;
        } else {
            return false;
        }
    }
    return !digits.empty() && (!grouped || since_comma == 3);
}

}  // namespace

Result<Currency> Currency::parse(std::string_view code) {
    std::string upper{code};
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const auto* found = std::ranges::lower_bound(currencies, upper, {}, &CurrencyRow::code);
    if (found == currencies.end() || found->code != upper) {
        return fail(ErrorCode::invalid, "\"{}\" is not a currency code of ISO 4217", code);
    }
    return Currency{found->code, found->exponent};
}

std::string Money::text() const {
    const int exponent = currency.exponent();
    // Unsigned, because the smallest int64 has no positive counterpart.
    const auto magnitude =
        minor < 0 ? 0U - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
    const char* const sign = minor < 0 ? "-" : "";
    if (exponent == 0) return fmt::format("{}{} {}", sign, magnitude, currency.code());
    const auto unit = static_cast<std::uint64_t>(power_of_ten(exponent));
    return fmt::format("{}{}.{:0{}} {}", sign, magnitude / unit, magnitude % unit, exponent, currency.code());
}

Result<Money> Money::parse(std::string_view decimal, Currency currency) {
    const auto malformed = [&](std::string_view why) {
        return fail(ErrorCode::invalid, "\"{}\" is not an amount in {}: {}", decimal, currency.code(), why);
    };
    std::string_view rest = decimal;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    const auto point = rest.find('.');
    std::string digits;
    if (!ungroup(rest.substr(0, point), digits)) return malformed("expected digits, as in 1,234.56");

    std::string fraction{point == std::string_view::npos ? std::string_view{} : rest.substr(point + 1)};
    if (point != std::string_view::npos && fraction.empty()) return malformed("no digits after the point");
    if (!std::ranges::all_of(fraction, is_digit)) return malformed("expected digits after the point");
    const auto wanted = static_cast<std::size_t>(currency.exponent());
    while (fraction.size() > wanted && fraction.back() == '0') fraction.pop_back();
    if (fraction.size() > wanted) return malformed("more decimals than the currency has");
    fraction.append(wanted - fraction.size(), '0');

    Money money{.minor = 0, .currency = currency};
    for (const char c : digits + fraction) {
        const std::int64_t digit = negative ? '0' - c : c - '0';
        if (__builtin_mul_overflow(money.minor, 10, &money.minor) ||
            __builtin_add_overflow(money.minor, digit, &money.minor)) {
            return malformed("too large");
        }
    }
    return money;
}

Result<Money> add(const Money& a, const Money& b) {
    if (a.currency != b.currency) {
        return fail(ErrorCode::invalid, "cannot add {} to {}", b.currency.code(), a.currency.code());
    }
    Money sum{.minor = 0, .currency = a.currency};
    if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) {
        return fail(ErrorCode::invalid, "{} plus {} is too large", a.text(), b.text());
    }
    return sum;
}

}  // namespace tollgate
