// An object of a provider's JSON body, read for what it tells. What is missing or of another type is not
// told; an amount that cannot be read is an error, and the first error of the document is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money.hpp"
#include "events/payment_event.hpp"
#include "providers/json.hpp"

namespace tollgate::providers {

// How many decimals a provider's whole numbers have in a currency, where it does not count as ISO 4217 does.
using DecimalsOf = int (*)(const Currency& currency);
int iso_decimals(const Currency& currency);

// "9900" with two decimals is 99.00. Digits alone: a sign, a point or an exponent is an error, and so is what
// the currency cannot hold exactly.
Result<Money> whole_units(std::string_view digits, Currency currency, int decimals);

// "142.45". Not negative.
Result<Money> decimal_amount(std::string_view text, Currency currency);

class Place {
public:
    Place(const Json& json, JsonFields& fields, std::string pointer = {})
        : json_{json}, fields_{fields}, pointer_{std::move(pointer)} {}

    Place at(std::string_view below) const { return {json_, fields_, path(below)}; }
    Place at(std::string_view list, std::size_t index) const;
    std::string path(std::string_view below) const { return pointer_ + std::string{below}; }

    bool has(std::string_view below) const;    // and it is not null
    bool names(std::string_view below) const;  // be it null
    // A text, or a number as it is written; else empty.
    std::string text(std::string_view below) const;
    // The same, or the "id" of the object that stands in its place.
    std::string id(std::string_view below) const;
    // The first of them that is not empty.
    std::string first_text(std::initializer_list<std::string_view> places) const;
    std::string first_id(std::initializer_list<std::string_view> places) const;
    bool is_true(std::string_view below) const { return fields_.boolean(path(below)).value_or(false); }
    std::uint32_t count(std::string_view below) const;   // 0: not told
    std::uint64_t number(std::string_view below) const;  // likewise
    std::optional<Timestamp> time(std::string_view below) const { return fields_.time(path(below)); }
    std::optional<Timestamp> day(std::string_view below) const;  // "2025-12-25": its first moment, in UTC

    // A JSON number in whole units, of the currency whose code stands at `currency`.
    std::optional<Money> units(std::string_view below, std::string_view currency,
                               DecimalsOf decimals_of = iso_decimals) const;
    std::optional<Money> units(std::string_view below, const Currency& currency,
                               DecimalsOf decimals_of = iso_decimals) const;
    // The same, in a text or a number.
    std::optional<Money> digits(std::string_view below, std::string_view currency,
                                DecimalsOf decimals_of = iso_decimals) const;
    // A text in decimals.
    std::optional<Money> decimal(std::string_view below, std::string_view currency) const;

    // Each member of an object of texts and numbers.
    void attributes(std::string_view below, v1::PaymentEvent& event) const;
    // Each element of a list of objects with "name" and "value".
    void named_values(std::string_view below, v1::PaymentEvent& event) const;

    void wrong(std::string_view below, std::string_view why) const;

private:
    const Json::Value* value(std::string_view below) const;
    std::optional<Currency> currency_at(std::string_view below, std::string_view currency) const;

    const Json& json_;
    JsonFields& fields_;
    std::string pointer_;
};

}  // namespace tollgate::providers
