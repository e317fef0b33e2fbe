// What the events of Shopify, Chargify, Razorpay and the school tell beyond their samples.
#include <catch2/catch.hpp>

#include "normalised.hpp"
#include "providers/catalogue.hpp"

using Catch::Contains;
using namespace tollgate;
using namespace tollgate::providers::testing;

namespace {

// A change of state of a subscription at 99.00 a month.
events::PaymentEvent state_change(std::string_view from, std::string_view to) {
    std::string body = sample_with("chargify", "subscription_state_change", "[state]=canceled",
                                   fmt::format("[state]={}", to));
    body.replace(body.find("[previous_state]=active"), 23, fmt::format("[previous_state]={}", from));
    return event_of("chargify", "subscription_state_change", body);
}

std::string school_amount(std::string_view amount, std::string_view currency = "NGN") {
    const std::string body = fmt::format(
        R"({{"event_id": "e", "external_txn_id": "t", "amount": "{}", "currency": "{}", "status": "success"}})",
        amount, currency);
    const auto event = normalised("school", "payment.success", body);
    return event ? words(event->amount()) : event.error().detail;
}

}  // namespace

TEST_CASE("an order is paid when its body says so, whatever the topic") {
    struct Example {
        std::string_view status;
        v1::Category category;
        v1::Fact fact;
    };
    for (const auto& [status, category, fact] :
         {Example{"\"paid\"", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED},
          Example{"\"refunded\"", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED},
          Example{"\"pending\"", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING},
          Example{"\"partially_paid\"", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING},
          Example{"\"authorized\"", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED},
          Example{"\"voided\"", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED},
          Example{"null", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED},
          Example{"[\"paid\"]", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED}}) {
        INFO(status);
        const auto body = sample_with("shopify", "orders/paid", "\"financial_status\":\"paid\"",
                                      fmt::format("\"financial_status\":{}", status));
        const auto event = event_of("shopify", "orders/paid", body);
        CHECK(event.category() == category);
        CHECK(fact_of(event) == v1::Fact_Name(fact));
        const auto created = event_of("shopify", "orders/create", body);
        CHECK((created.category() == v1::CATEGORY_MONEY_IN) == (status == "\"paid\""));
        CHECK(fact_of(created) == "FACT_CHECKOUT_COMPLETED");
    }
}

TEST_CASE("a body that is sent again under another kind of topic claims nothing") {
    const auto body_of = [](std::string_view type) { return sample_with("shopify", type, "{", "{"); };
    for (const auto& [topic, body] : {std::pair{"orders/paid", body_of("customers/create")},
                                      std::pair{"refunds/create", body_of("orders/paid")},
                                      std::pair{"customers/delete", body_of("orders/paid")},
                                      std::pair{"disputes/create", body_of("orders/paid")}}) {
        INFO(topic);
        const auto event = event_of("shopify", topic, body);
        CHECK(event.category() == v1::CATEGORY_OTHER);
        CHECK(event.fact() == v1::FACT_UNSPECIFIED);
        CHECK(event.unrecognised().data() == body);
    }
    const auto cancelled = event_of("shopify", "orders/cancelled", body_of("orders/paid"));
    CHECK(cancelled.fact() == v1::FACT_UNSPECIFIED);
}

TEST_CASE("an order of Shopify is in the money that its payer paid in, as refunds of it are") {
    const auto order = [](std::string_view members) {
        return event_of("shopify", "orders/paid",
                        fmt::format(R"({{"id": 5, "financial_status": "paid", "currency": "USD",
                                         "total_price": "142.45", "total_tax": "12.95", {}}})",
                                    members));
    };
    const auto set = [](std::string_view name, std::string_view amount) {
        return fmt::format(R"("{}_set": {{"shop_money": {{"amount": "1.00", "currency_code": "USD"}},
                               "presentment_money": {{"amount": "{}", "currency_code": "CAD"}}}})",
                           name, amount);
    };
    const auto both = order(set("total_price", "199.90") + "," + set("total_tax", "18.13"));
    CHECK(words(both.amount()) == "19990 CAD");
    CHECK(words(both.tax()) == "1813 CAD");
    const auto price = order(set("total_price", "199.90"));
    CHECK(words(price.amount()) == "19990 CAD");
    CHECK_FALSE(price.has_tax());
    for (const std::string_view members :
         {R"("presentment_currency": "CAD")", R"("total_price_set": null, "total_tax_set": {})",
          R"("total_price_set": {"presentment_money": {"amount": "199.90"}},
             "total_tax_set": {"presentment_money": {"amount": "18.13", "currency_code": "XQQ"}})"}) {
        INFO(members);
        CHECK(words(order(members).amount()) == "14245 USD");
        CHECK(words(order(members).tax()) == "1295 USD");
    }
}

TEST_CASE("a refund of Shopify is what its transactions have moved") {
    const auto refund = [](std::string_view transactions) {
        return fmt::format(R"({{"id": 7, "order_id": 5, "transactions": [{}]}})", transactions);
    };
    const auto one = [](std::string_view kind, std::string_view status, std::string_view amount,
                        std::string_view currency = "USD") {
        return fmt::format(R"({{"kind": "{}", "status": "{}", "amount": "{}", "currency": "{}"}})", kind,
                           status, amount, currency);
    };
    const auto two =
        event_of("shopify", "refunds/create",
                 refund(one("refund", "success", "10.00") + "," + one("refund", "success", "2.5") + "," +
                        one("refund", "pending", "99") + "," + one("sale", "success", "99")));
    CHECK(words(two.amount()) == "1250 USD");
    CHECK(fact_of(two) == "FACT_REFUND_SUCCEEDED");
    CHECK(fact_of(event_of("shopify", "refunds/create", refund(one("refund", "failure", "10.00")))) ==
          "FACT_REFUND_FAILED");
    CHECK(fact_of(event_of("shopify", "refunds/create", refund(one("refund", "pending", "10.00")))) ==
          "FACT_UNSPECIFIED");
    CHECK(event_of("shopify", "refunds/create", refund("")).category() == v1::CATEGORY_OTHER);
    CHECK_THAT(refused("shopify", "refunds/create",
                       refund(one("refund", "success", "1") + "," + one("refund", "success", "1", "EUR"))),
               Catch::StartsWith("the body's /transactions/1/amount: "));
    CHECK_THAT(refused("shopify", "refunds/create", refund(one("refund", "success", "-1"))),
               Contains("negative"));
}

TEST_CASE("links to a shop lead to a shop of Shopify's only") {
    const auto links = [](std::string_view shop) {
        const auto event =
            providers::normalise(*providers::find("shopify"),
                                 {.type = "customers/create", .account = shop, .body = R"({"id": 7})"});
        REQUIRE(event.has_value());
        return event->links_size();
    };
    CHECK(links("acme.myshopify.com") == 1);
    for (const std::string_view shop :
         {"", "evil.example", "evil.example/.myshopify.com", ".myshopify.com", "evil.example?.myshopify.com",
          "a@b.myshopify.com", "evil.myshopify.org"}) {
        INFO(shop);
        CHECK(links(shop) == 0);
    }
}

TEST_CASE("a change of a subscription's state at Chargify is told as people would") {
    struct Example {
        std::string_view from;
        std::string_view to;
        std::string_view fact;
        std::int64_t delta;
    };
    for (const auto& [from, to, fact, delta] :
         {Example{"active", "canceled", "FACT_SUBSCRIPTION_ENDED", -9900},
          Example{"trialing", "active", "FACT_SUBSCRIPTION_ACTIVATED", 9900},
          Example{"active", "past_due", "FACT_SUBSCRIPTION_PAST_DUE", 0},
          Example{"past_due", "unpaid", "FACT_SUBSCRIPTION_PAST_DUE", -9900},
          Example{"past_due", "active", "FACT_SUBSCRIPTION_UPDATED", 0},
          Example{"unpaid", "active", "FACT_SUBSCRIPTION_REACTIVATED", 9900},
          Example{"canceled", "active", "FACT_SUBSCRIPTION_REACTIVATED", 9900},
          Example{"active", "on_hold", "FACT_SUBSCRIPTION_PAUSED", -9900},
          Example{"on_hold", "active", "FACT_SUBSCRIPTION_RESUMED", 9900},
          Example{"trialing", "trial_ended", "FACT_SUBSCRIPTION_ENDED", 0},
          Example{"active", "moonlit", "FACT_SUBSCRIPTION_UPDATED", 0}}) {
        INFO(from << " to " << to);
        const auto event = state_change(from, to);
        CHECK(fact_of(event) == fact);
        CHECK(event.mrr_delta().minor() == delta);
    }
    CHECK_FALSE(state_change("active", "moonlit").has_mrr());
    CHECK(state_change("canceled", "active").mrr_effect() == v1::MRR_EFFECT_REACTIVATION);
    CHECK(state_change("trialing", "active").mrr_effect() == v1::MRR_EFFECT_NEW);
}

TEST_CASE("amounts of Chargify are of the currency that the event names, else of the source's") {
    const std::string unnamed =
        sample_with("chargify", "payment_success", "&payload[subscription][currency]=USD", "");
    const auto said = [&](std::string_view settings, const std::string& body) {
        const auto event = providers::normalise(
            *providers::find("chargify"), {.settings = settings, .type = "payment_success", .body = body});
        return event ? words(event->amount()) : event.error().detail;
    };
    CHECK(said("{}", sample_with("chargify", "payment_success", "=USD", "=jpy")) == "9900 JPY");
    CHECK(said(R"({"currency": "EUR"})", unnamed) == "9900 EUR");
    CHECK(said(R"({"currency": "EUR"})", sample_with("chargify", "payment_success", "=USD", "=GBP")) ==
          "9900 GBP");
    CHECK_THAT(said("{}", unnamed), Contains("an amount of no currency") && Contains("setting \"currency\""));
    CHECK_THAT(said(R"({"currency": "EUR", "currency": "USD"})", unnamed), Contains("there twice"));
    CHECK_THAT(said("{", unnamed), Contains("the source's settings"));
}

TEST_CASE("a renewal of Chargify's that costs nothing is no money in") {
    const auto event =
        event_of("chargify", "renewal_success",
                 sample_with("chargify", "renewal_success", "[transaction][amount_in_cents]=9900",
                             "[transaction][amount_in_cents]=0"));
    CHECK(event.category() == v1::CATEGORY_SUBSCRIPTION);
    CHECK(fact_of(event) == "FACT_SUBSCRIPTION_RENEWED");
}

TEST_CASE("a subscription of Razorpay renews from its second charge on") {
    const auto body = sample_with("razorpay", "subscription.charged", "\"paid_count\":1", "\"paid_count\":2");
    CHECK(fact_of(event_of("razorpay", "subscription.charged", body)) == "FACT_SUBSCRIPTION_RENEWED");
    const auto closed =
        sample_with("razorpay", "payment.dispute.closed", "\"amount_deducted\":0", "\"amount_deducted\":5");
    CHECK(fact_of(event_of("razorpay", "payment.dispute.closed", closed)) == "FACT_DISPUTE_LOST");
    const auto failed = sample_with("razorpay", "payment.failed", "\"insufficient_funds\"", "\"moon_phase\"");
    CHECK(event_of("razorpay", "payment.failed", failed).failure_reason() ==
          "Your payment could not be completed due to insufficient account balance.");
}

TEST_CASE("the school's status means the same in capital letters") {
    for (const std::string_view status : {"SUCCESS", "Success"}) {
        const auto body =
            sample_with("school", "payment.success", "\"success\"", fmt::format("\"{}\"", status));
        const auto event = event_of("school", fmt::format("payment.{}", status), body);
        CHECK(fact_of(event) == "FACT_PAYMENT_SUCCEEDED");
        CHECK(words(event.amount()) == "10000000 NGN");
    }
}

TEST_CASE("the school's amounts are read as they were meant, or not at all") {
    CHECK(school_amount("100,000") == "10000000 NGN");
    CHECK(school_amount("100.50") == "10050 NGN");
    CHECK(school_amount("0") == "0 NGN");
    CHECK(school_amount("500", "jpy") == "500 JPY");
    CHECK(school_amount("1.234", "KWD") == "1234 KWD");
    CHECK(school_amount("92233720368547758.07") == "9223372036854775807 NGN");
    for (const std::string_view bad : {"1.234,50", "1,23", "-5", "", "1e3", "100.505", "92233720368547758.08",
                                       "1 000", "+5", "0x10", "NaN", "100,000,", "١٠٠"}) {
        INFO(bad);
        CHECK_THAT(school_amount(bad), Catch::StartsWith("the body's /amount: "));
    }
    CHECK_THAT(school_amount("1.5", "JPY"), Contains("more decimals than the currency has"));
    CHECK_THAT(school_amount("1", "ZZZ"), Catch::StartsWith("the body's /currency: "));
    CHECK_THAT(school_amount("1", ""), Contains("an amount of no currency"));
    CHECK(refused("school", "payment.success", "{}") == "the body's /amount: it is not there");
}
