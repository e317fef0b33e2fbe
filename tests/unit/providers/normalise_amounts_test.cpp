// Amounts as providers write them, in the smallest unit of their currency.
#include <catch2/catch.hpp>

#include "normalised.hpp"

using Catch::StartsWith;
using namespace tollgate;
using namespace tollgate::providers::testing;

namespace {

struct AmountExample {
    std::string_view written;
    std::string_view currency;
    std::string_view amount;  // empty: refused
};

// An amount and its currency as they stand in the sample, and as they are in the examples.
void check_amounts(std::string_view provider, std::string_view type, std::string_view amount_in_sample,
                   std::string_view amount_format, std::string_view currency_in_sample,
                   std::string_view currency_format, std::initializer_list<AmountExample> examples) {
    for (const AmountExample& example : examples) {
        INFO(provider << " " << example.written << " " << example.currency);
        std::string body = sample_with(provider, type, amount_in_sample,
                                       fmt::format(fmt::runtime(amount_format), example.written));
        for (std::size_t at = body.find(currency_in_sample); at != std::string::npos;
             at = body.find(currency_in_sample, at + 1)) {
            body.replace(at, currency_in_sample.size(),
                         fmt::format(fmt::runtime(currency_format), example.currency));
        }
        if (example.amount.empty()) {
            CHECK_THAT(refused(provider, type, body), StartsWith("the body's "));
        } else {
            CHECK(words(event_of(provider, type, body).amount()) == example.amount);
        }
    }
}

}  // namespace

TEST_CASE("minor units are of the currency, whatever its decimals, and nothing is rounded") {
    check_amounts("paddle", "payout.paid", R"("845500")", R"("{}")", R"("currency_code":"USD")",
                  R"("currency_code":"{}")",
                  {{"12000", "JPY", "12000 JPY"},
                   {"12000", "KRW", "12000 KRW"},
                   {"12000", "EUR", "12000 EUR"},
                   {"0", "USD", "0 USD"},
                   {"99.00", "USD", ""},
                   {"-1", "USD", ""},
                   {"", "USD", ""},
                   {"92233720368547758070", "USD", ""},
                   {"1", "ZZZ", ""}});
    // As it was written by those who make numbers of them.
    CHECK(words(event_with("paddle", "payout.paid", R"("845500")", "845500").amount()) == "845500 USD");
    check_amounts("square", "payout.paid", "845500", "{}", R"("currency":"USD")", R"("currency":"{}")",
                  {{"12000", "JPY", "12000 JPY"},
                   {"12345", "KWD", "12345 KWD"},
                   {"1.5", "USD", ""},
                   {"1e3", "USD", ""},
                   {"\"12000\"", "USD", ""}});
    check_amounts("chargebee", "payment_succeeded", R"("date":1764071984,"amount":9900)",
                  R"("date":1764071984,"amount":{})", R"("currency_code":"USD")", R"("currency_code":"{}")",
                  {{"12000", "JPY", "12000 JPY"},
                   {"12345", "KWD", "12345 KWD"},
                   {"99.5", "USD", ""},
                   {"-9900", "USD", ""}});
}

TEST_CASE("where a provider counts a currency by itself, its amounts are what they were meant to be") {
    check_amounts("adyen", "AUTHORISATION", R"("value":9900)", R"("value":{})", R"("currency":"EUR")",
                  R"("currency":"{}")",
                  {{"9900", "JPY", "9900 JPY"},
                   {"9900", "KWD", "9900 KWD"},
                   {"9900", "ISK", "99 ISK"},
                   {"990000", "CLP", "9900 CLP"},
                   {"9900", "IDR", "990000 IDR"},
                   {"99", "CVE", "9900 CVE"},
                   // Half a krona is none.
                   {"9950", "ISK", ""},
                   {"-9900", "EUR", ""}});
    check_amounts("paystack", "charge.success", R"("amount":249900)", R"("amount":{})", R"("currency":"NGN")",
                  R"("currency":"{}")",
                  {{"5000", "KES", "5000 KES"},
                   {"250000", "XOF", "2500 XOF"},
                   {"\"250000\"", "GHS", "250000 GHS"},
                   {"250050", "XOF", ""},
                   {"2499.5", "NGN", ""}});
}

TEST_CASE("decimals in a text are exact") {
    check_amounts("paypal", "PAYMENT.CAPTURE.REFUNDED", R"("amount":{"value":"15.00")",
                  R"("amount":{{"value":"{}")", R"("currency_code":"USD")", R"("currency_code":"{}")",
                  {{"15", "USD", "1500 USD"},
                   {"15.5", "USD", "1550 USD"},
                   {"1500", "JPY", "1500 JPY"},
                   {"1500.00", "HUF", "150000 HUF"},
                   {"1.234", "KWD", "1234 KWD"},
                   {"15.005", "USD", ""},
                   {"15.5", "JPY", ""},
                   {"-15.00", "USD", ""},
                   {"1e3", "USD", ""}});
    check_amounts("mollie", "payment-link.paid", R"("value":"99.00")", R"("value":"{}")",
                  R"("currency":"EUR")", R"("currency":"{}")",
                  {{"9900", "JPY", "9900 JPY"}, {"99.001", "EUR", ""}, {"-99.00", "EUR", ""}});
    // A sale is refunded by less than nothing, and a dispute never.
    CHECK(words(event_with("paypal", "PAYMENT.SALE.REFUNDED", "-29.90", "29.90").amount()) == "2990 USD");
    CHECK(words(event_with("paypal", "PAYMENT.SALE.REFUNDED", "-29.90", "-0.01").amount()) == "1 USD");
    CHECK_THAT(refused("paypal", "PAYMENT.SALE.REFUNDED",
                       sample_with("paypal", "PAYMENT.SALE.REFUNDED", "-29.90", "--1")),
               StartsWith("the body's /resource/amount/total: "));
}
