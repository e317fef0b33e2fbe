#include "delivery/amounts.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/money.hpp"
#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

struct Symbol {
    std::string_view code;
    std::string_view text;
};

// Only what no reader takes for another currency; all others are written with their code.
constexpr auto symbols = std::to_array<Symbol>({
    {"AUD", "A$"}, {"BRL", "R$"},  {"CAD", "CA$"}, {"CNY", "CN¥"}, {"EUR", "€"},
    {"GBP", "£"},  {"HKD", "HK$"}, {"ILS", "₪"},   {"INR", "₹"},   {"JPY", "¥"},
    {"KRW", "₩"},  {"MXN", "MX$"}, {"NGN", "₦"},   {"NZD", "NZ$"}, {"PHP", "₱"},
    {"SGD", "S$"}, {"TWD", "NT$"}, {"UAH", "₴"},   {"USD", "$"},   {"VND", "₫"},
});
static_assert(std::ranges::is_sorted(symbols, {}, &Symbol::code));

constexpr std::string_view minus = "\u2212";
constexpr std::string_view no_break_space = "\u00a0";
constexpr std::size_t currencies_shown_max = 4;

// Without a sign; the smallest int64 has no positive counterpart.
std::string magnitude_text(const v1::Money& money, AmountStyle style) {
    const auto minor = static_cast<std::uint64_t>(money.minor());
    const std::uint64_t magnitude = money.minor() < 0 ? 0U - minor : minor;
    const auto currency = Currency::parse(money.currency());
    if (!currency) {
        const std::string word = quoted(money.currency(), 12);
        return word.empty() ? "" : fmt::format("{} {} (smallest units)", grouped_digits(magnitude), word);
    }
    const auto* const symbol = std::ranges::find(symbols, currency->code(), &Symbol::code);
    std::string text = symbol != symbols.end() ? std::string{symbol->text}
                                               : std::string{currency->code()} + std::string{no_break_space};
    std::uint64_t unit = 1;
    for (int i = 0; i < currency->exponent(); ++i) unit *= 10;
    text += grouped_digits(magnitude / unit);
    if (unit == 1 || (style == AmountStyle::brief && magnitude % unit == 0)) return text;
    return text + fmt::format(".{:0{}}", magnitude % unit, currency->exponent());
}

template <typename Write>
std::string listed(const std::vector<v1::Money>& sums, Write write) {
    std::string text;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (i == currencies_shown_max && sums.size() > i + 1) {
            return text + fmt::format(" and {} more currencies", sums.size() - i);
        }
        if (i > 0) text += i + 1 == sums.size() ? " and " : ", ";
        text += write(sums[i]);
    }
    return text;
}

}  // namespace

std::string grouped_digits(std::uint64_t whole) {
    std::string digits = std::to_string(whole);
    for (std::size_t place = digits.size(); place > 3;) {
        place -= 3;
        digits.insert(place, ",");
    }
    return digits;
}

std::string amount_text(const v1::Money& money, AmountStyle style) {
    std::string text = magnitude_text(money, style);
    if (money.minor() < 0 && !text.empty()) text.insert(0, minus);
    return text;
}

std::string delta_text(const v1::Money& money) {
    std::string text = magnitude_text(money, AmountStyle::brief);
    if (text.empty()) return text;
    const std::string_view sign = money.minor() < 0 ? minus : money.minor() > 0 ? "+" : "±";
    return text.insert(0, sign);
}

void Sums::add(const v1::Money& money) {
    if (money.currency().empty()) return;
    const auto sum = std::ranges::find(sums_, money.currency(), &v1::Money::currency);
    if (sum == sums_.end()) {
        sums_.push_back(money);
        return;
    }
    std::int64_t total = 0;
    // A sum beyond what fits is shown as the most that fits, rather than as a small or negative one.
    if (__builtin_add_overflow(sum->minor(), money.minor(), &total)) {
        total = money.minor() < 0 ? std::numeric_limits<std::int64_t>::min()
                                  : std::numeric_limits<std::int64_t>::max();
    }
    sum->set_minor(total);
}

std::string Sums::text(AmountStyle style) const {
    return listed(sums_, [&](const v1::Money& money) { return amount_text(money, style); });
}

std::string Sums::delta_text() const {
    return listed(sums_, [](const v1::Money& money) { return delivery::delta_text(money); });
}

}  // namespace tollgate::delivery
