#include "providers/place.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "providers/fill.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers {

namespace {

std::unexpected<Error> no_amount(std::string_view text, std::string_view why) {
    return fail(ErrorCode::invalid, "\"{}\" is no amount: {}", text, why);
}

}  // namespace

int iso_decimals(const Currency& currency) {
    return currency.exponent();
}

Result<Money> whole_units(std::string_view digits, Currency currency, int decimals) {
    if (digits.starts_with('-')) return no_amount(digits, "it is negative");
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return no_amount(digits, "expected a whole number");
    }
    const auto behind = static_cast<std::size_t>(decimals);
    std::string text{digits};
    if (text.size() <= behind) text.insert(0, behind + 1 - text.size(), '0');
    if (behind > 0) text.insert(text.size() - behind, 1, '.');
    return Money::parse(text, currency);
}

Result<Money> decimal_amount(std::string_view text, Currency currency) {
    if (text.starts_with('-')) return no_amount(text, "it is negative");
    return Money::parse(text, currency);
}

Place Place::at(std::string_view list, std::size_t index) const {
    return at(fmt::format("{}/{}", list, index));
}

const Json::Value* Place::value(std::string_view below) const {
    auto found = json_.find(path(below));
    if (found) return *found;
    fields_.fail_with(std::move(found).error());
    return nullptr;
}

bool Place::names(std::string_view below) const {
    return value(below) != nullptr;
}

bool Place::has(std::string_view below) const {
    const Json::Value* const found = value(below);
    return found != nullptr && found->kind != Json::Kind::null;
}

std::string Place::text(std::string_view below) const {
    return fields_.label(path(below)).value_or("");
}

std::string Place::id(std::string_view below) const {
    auto direct = text(below);
    return direct.empty() ? at(below).text("/id") : direct;
}

std::string Place::first_text(std::initializer_list<std::string_view> places) const {
    for (const std::string_view below : places) {
        if (auto found = text(below); !found.empty()) return found;
    }
    return {};
}

std::string Place::first_id(std::initializer_list<std::string_view> places) const {
    for (const std::string_view below : places) {
        if (auto found = id(below); !found.empty()) return found;
    }
    return {};
}

std::uint64_t Place::number(std::string_view below) const {
    const std::string digits = text(below);
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? number : 0;
}

std::uint32_t Place::count(std::string_view below) const {
    const std::uint64_t all = number(below);
    return std::in_range<std::uint32_t>(all) ? static_cast<std::uint32_t>(all) : 0;
}

std::optional<Timestamp> Place::day(std::string_view below) const {
    const std::string date = text(below);
    return date.empty() ? std::nullopt : read_time(date + "T00:00:00Z");
}

void Place::wrong(std::string_view below, std::string_view why) const {
    fields_.fail_with({ErrorCode::invalid, fmt::format("the body's {}: {}", path(below), why)});
}

std::optional<Currency> Place::currency_at(std::string_view below, std::string_view currency) const {
    const std::string code = text(currency);
    if (code.empty()) {
        wrong(below, fmt::format("an amount of no currency; {} should name it", path(currency)));
        return std::nullopt;
    }
    const auto known = Currency::parse(code);
    if (!known) wrong(currency, known.error().detail);
    return known ? std::optional{*known} : std::nullopt;
}

std::optional<Money> Place::units(std::string_view below, std::string_view currency,
                                  DecimalsOf decimals_of) const {
    if (!has(below)) return std::nullopt;
    const auto of = currency_at(below, currency);
    return of ? units(below, *of, decimals_of) : std::nullopt;
}

std::optional<Money> Place::units(std::string_view below, const Currency& currency,
                                  DecimalsOf decimals_of) const {
    const Json::Value* const found = value(below);
    if (found == nullptr || found->kind == Json::Kind::null) return std::nullopt;
    if (found->kind != Json::Kind::number) {
        wrong(below, "an amount should be a number");
        return std::nullopt;
    }
    const auto money = whole_units(found->raw, currency, decimals_of(currency));
    if (!money) wrong(below, money.error().detail);
    return money ? std::optional{*money} : std::nullopt;
}

std::optional<Money> Place::digits(std::string_view below, std::string_view currency,
                                   DecimalsOf decimals_of) const {
    if (!has(below)) return std::nullopt;
    const auto of = currency_at(below, currency);
    if (!of) return std::nullopt;
    const auto money = whole_units(text(below), *of, decimals_of(*of));
    if (!money) wrong(below, money.error().detail);
    return money ? std::optional{*money} : std::nullopt;
}

std::optional<Money> Place::decimal(std::string_view below, std::string_view currency) const {
    if (!has(below)) return std::nullopt;
    const auto of = currency_at(below, currency);
    if (!of) return std::nullopt;
    const auto money = decimal_amount(text(below), *of);
    if (!money) wrong(below, money.error().detail);
    return money ? std::optional{*money} : std::nullopt;
}

void Place::attributes(std::string_view below, v1::PaymentEvent& event) const {
    const Json::Value* const object = value(below);
    if (object == nullptr || object->kind != Json::Kind::object) return;
    for (const Json::Value* one = json_.child(*object); one != nullptr; one = json_.next(*one)) {
        if (event.attributes_size() >= attributes_max) return;
        if (one->kind == Json::Kind::string) {
            if (const auto words = Json::text_of(*one)) add_attribute(event, one->key, *words);
        } else if (one->kind == Json::Kind::number || one->kind == Json::Kind::boolean) {
            add_attribute(event, one->key, one->raw);
        }
    }
}

void Place::named_values(std::string_view below, v1::PaymentEvent& event) const {
    for (std::size_t index = 0; index < attributes_max; ++index) {
        const Place one = at(below, index);
        if (!one.has("/name")) return;
        add_attribute(event, one.text("/name"), one.text("/value"));
    }
}

}  // namespace tollgate::providers
