// A customer as commands show it.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "customer_shop.hpp"

using namespace tollgate::test;
using Catch::Contains;

TEST_CASE("a customer is shown with profile and payments, to those who may see the tenant") {
    CustomerShop shop;
    CHECK_THAT(shop.customer("show").out, Contains("first heard of  2") &&
                                              Contains("worth           99.00 USD") && Contains("succeeded"));
    const auto shown = boost::json::parse(shop.customer("show", {"--json"}).out);
    CHECK(shown.at("profiles").as_array().size() == 1);
    CHECK(shown.at("profiles").at(0).at("values").at(0).at("paid_minor") == 9900);
    CHECK(shown.at("payments").as_array().size() == 1);
    CHECK(shop.customer("show", {"--provider", "shopify"}).code == 3);
    CHECK_THAT(shop.customer("show", {}, "cus_nobody").err, Contains("nothing is known of a customer"));
    REQUIRE(shop.shell()("tenant create other").code == 0);
    const auto oleg = shop.shell().as("oleg", "--role viewer --tenant other");
    CHECK(shop.shell()("customer show cus_bob --tenant acme", oleg).code == 4);
}
