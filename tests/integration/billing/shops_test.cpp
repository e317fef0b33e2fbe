// Shops that sell in the currency of who pays.
#include <catch2/catch.hpp>

#include "sent_by.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// Of a shop that counts in US dollars, paid in Canadian ones.
Step order(std::string_view topic) {
    return {.type = topic,
            .replaced = {{R"("total_price_set":{"shop_money":{"amount":"142.45","currency_code":"USD"},)"
                          R"("presentment_money":{"amount":"142.45","currency_code":"USD"}})",
                          R"("total_price_set":{"shop_money":{"amount":"142.45","currency_code":"USD"},)"
                          R"("presentment_money":{"amount":"199.90","currency_code":"CAD"}})"},
                         {R"("presentment_currency":"USD")", R"("presentment_currency":"CAD")"}}};
}

}  // namespace

TEST_CASE("shopify: an order that was paid in other money than the shop's is refunded and disputed in it") {
    const Step refund{"refunds/create",
                      {{R"("amount":"28.49","currency":"USD")", R"("amount":"40.00","currency":"CAD")"}}};
    CHECK(booked(told_by("shopify", {order("orders/create"), order("orders/paid"), refund})) ==
          Texts{"partly_refunded 19990 CAD", "provider 15990", "refunds 4000", "sales -19990"});
    const Step dispute{"disputes/create",
                       {{R"("amount":"142.45","currency":"USD")", R"("amount":"199.90","currency":"CAD")"}}};
    CHECK(booked(told_by("shopify", {order("orders/paid"), dispute})) ==
          Texts{"disputed 19990 CAD", "disputed 19990", "sales -19990"});
}

TEST_CASE("shopify: an order in the shop's own money is refunded in it") {
    CHECK(booked(told_by("shopify", {{"orders/create"}, {"orders/paid"}, {"refunds/create"}})) ==
          Texts{"partly_refunded 14245 USD", "provider 11396", "refunds 2849", "sales -14245"});
}
