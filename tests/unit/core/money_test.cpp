#include "core/money.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;

namespace {

Currency currency(std::string_view code) {
    return *Currency::parse(code);
}

}  // namespace

TEST_CASE("currencies know their minor digits") {
    CHECK(currency("jpy").exponent() == 0);
    CHECK(currency("USD").exponent() == 2);
    CHECK(currency("KWD").exponent() == 3);
    CHECK(currency("UYW").exponent() == 4);
    CHECK(currency("inr").code() == "INR");
    CHECK(currency("SLL").code() == "SLL");
    for (const std::string_view code : {"", "US", "USDX", "ZZZ", "U$D"})
        CHECK_FALSE(Currency::parse(code).has_value());
}

TEST_CASE("amounts are read exactly") {
    struct Example {
        std::string_view text;
        std::string_view code;
        std::int64_t minor;
    };
    for (const auto& [text, code, minor] :
         {Example{"100.50", "USD", 10050}, Example{"100,000", "USD", 10'000'000},
          Example{"1,234.5", "EUR", 123'450}, Example{"12,345,678.90", "INR", 1'234'567'890},
          Example{"0", "USD", 0}, Example{"-3", "USD", -300}, Example{"500", "JPY", 500},
          Example{"500.00", "JPY", 500}, Example{"1.234", "KWD", 1234}, Example{"0.10", "USD", 10},
          Example{"92233720368547758.07", "USD", INT64_MAX},
          Example{"-92233720368547758.08", "USD", INT64_MIN}}) {
        INFO(text << " " << code);
        const auto money = Money::parse(text, currency(code));
        REQUIRE(money.has_value());
        CHECK(money->minor == minor);
    }
}

TEST_CASE("an amount that is not exact is refused and never rounded") {
    for (const std::string_view text :
         {"", "-", ".", "1.", ".5", "1.005", "1e5", "10,00", "1,0000", ",100", "1,,000", "1 000", "+5",
          "0x10", "100.5.0", "1.0,0", "92233720368547758.08", "NaN"}) {
        INFO(text);
        CHECK_FALSE(Money::parse(text, currency("USD")).has_value());
    }
    CHECK_FALSE(Money::parse("1.5", currency("JPY")).has_value());
}

TEST_CASE("amounts are printed with the digits of their currency") {
    CHECK(Money{118800, currency("USD")}.text() == "1188.00 USD");
    CHECK(Money{-5, currency("JPY")}.text() == "-5 JPY");
    CHECK(Money{-5, currency("USD")}.text() == "-0.05 USD");
    CHECK(Money{1234, currency("KWD")}.text() == "1.234 KWD");
    CHECK(Money{INT64_MIN, currency("USD")}.text() == "-92233720368547758.08 USD");
}

TEST_CASE("sums neither mix currencies nor overflow") {
    CHECK(add({1, currency("USD")}, {2, currency("USD")})->minor == 3);
    CHECK_FALSE(add({1, currency("USD")}, {2, currency("EUR")}).has_value());
    CHECK_FALSE(add({INT64_MAX, currency("USD")}, {1, currency("USD")}).has_value());
    CHECK_FALSE(add({INT64_MIN, currency("USD")}, {-1, currency("USD")}).has_value());
}
