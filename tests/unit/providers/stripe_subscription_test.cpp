// What Stripe's events tell of subscriptions beyond the samples.
#include <catch2/catch.hpp>

#include "normalised.hpp"

using namespace tollgate;
using namespace tollgate::providers::testing;

namespace {

// An active subscription at 50.00 a month, with further members.
std::string subscription(std::string_view members = R"("status": "active")") {
    return fmt::format(
        R"({{"id": "sub_1", "items": {{"data": [{{"quantity": 2, "price": {{"id": "price_1", "currency": "usd",
            "unit_amount": 2500, "recurring": {{"interval": "month", "interval_count": 1}}}}}}]}}, {}}})",
        members);
}

std::string items(std::string_view price, int amount, std::string_view interval, int quantity = 1) {
    return fmt::format(
        R"({{"items": {{"data": [{{"quantity": {}, "price": {{"id": "{}", "currency": "usd", "unit_amount": {},
            "recurring": {{"interval": "{}"}}}}}}]}}}})",
        quantity, price, amount, interval);
}

}  // namespace

TEST_CASE("a subscription of Stripe's older API has its plan and its period by itself") {
    const auto event = stripe_event("customer.subscription.updated", R"({"id": "sub_1", "status": "active",
        "current_period_start": 100, "current_period_end": 200, "quantity": 3,
        "plan": {"id": "pro", "nickname": "Pro", "amount": 1200, "currency": "usd", "interval": "year"}})",
                                    R"({"quantity": 1})");
    CHECK(event.period().start().seconds() == 100);
    CHECK(event.plan().name() == "Pro");
    CHECK(words(event.mrr()) == "300 USD");
    CHECK(words(event.mrr_delta()) == "200 USD");
    CHECK(event.fact() == v1::FACT_SUBSCRIPTION_UPGRADED);
    CHECK_FALSE(event.has_previous_plan());
}

TEST_CASE("what an update of a subscription has changed is told as people would") {
    struct Example {
        std::string now;
        std::string before;
        v1::Fact fact;
        v1::MrrEffect effect;
        std::int64_t delta;
    };
    const auto is = [](std::string_view members) { return subscription(members); };
    using namespace std::string_literals;
    for (const auto& [now, before, fact, effect, delta] : {
             Example{is(R"("status": "active")"), R"({"status": "trialing"})",
                     v1::FACT_SUBSCRIPTION_ACTIVATED, v1::MRR_EFFECT_NEW, 5000},
             Example{is(R"("status": "active")"), R"({"status": "incomplete"})",
                     v1::FACT_SUBSCRIPTION_ACTIVATED, v1::MRR_EFFECT_NEW, 5000},
             Example{is(R"("status": "active")"), R"({"status": "unpaid"})",
                     v1::FACT_SUBSCRIPTION_REACTIVATED, v1::MRR_EFFECT_REACTIVATION, 5000},
             Example{is(R"("status": "active")"), R"({"status": "paused"})", v1::FACT_SUBSCRIPTION_RESUMED,
                     v1::MRR_EFFECT_REACTIVATION, 5000},
             Example{is(R"("status": "active")"), R"({"status": "past_due"})", v1::FACT_SUBSCRIPTION_UPDATED,
                     v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "past_due")"), R"({"status": "active"})", v1::FACT_SUBSCRIPTION_PAST_DUE,
                     v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "unpaid")"), R"({"status": "past_due"})", v1::FACT_SUBSCRIPTION_PAST_DUE,
                     v1::MRR_EFFECT_CHURN, -5000},
             Example{is(R"("status": "canceled")"), R"({"status": "active"})", v1::FACT_SUBSCRIPTION_ENDED,
                     v1::MRR_EFFECT_CHURN, -5000},
             Example{is(R"("status": "paused")"), R"({"status": "trialing"})", v1::FACT_SUBSCRIPTION_PAUSED,
                     v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "incomplete_expired")"), R"({"status": "incomplete"})",
                     v1::FACT_SUBSCRIPTION_ENDED, v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active", "cancel_at_period_end": true)"),
                     R"({"cancel_at_period_end": false})", v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED,
                     v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active", "cancel_at": 1800000000)"), R"({"cancel_at": null})",
                     v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED, v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active", "cancel_at_period_end": false, "cancel_at": null)"),
                     R"({"cancel_at_period_end": true, "cancel_at": 1800000000})",
                     v1::FACT_SUBSCRIPTION_REACTIVATED, v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active", "pause_collection": {"behavior": "void"})"),
                     R"({"pause_collection": null})", v1::FACT_SUBSCRIPTION_PAUSED, v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active", "pause_collection": null)"),
                     R"({"pause_collection": {"behavior": "void"}})", v1::FACT_SUBSCRIPTION_RESUMED,
                     v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active")"), items("price_0", 1500, "month"),
                     v1::FACT_SUBSCRIPTION_UPGRADED, v1::MRR_EFFECT_EXPANSION, 3500},
             Example{is(R"("status": "active")"), items("price_0", 120'000, "year"),
                     v1::FACT_SUBSCRIPTION_DOWNGRADED, v1::MRR_EFFECT_CONTRACTION, -5000},
             Example{is(R"("status": "trialing")"), items("price_0", 1500, "month"),
                     v1::FACT_SUBSCRIPTION_UPDATED, v1::MRR_EFFECT_NONE, 0},
             Example{is(R"("status": "active", "default_payment_method": "pm_2")"),
                     R"({"default_payment_method": "pm_1"})", v1::FACT_SUBSCRIPTION_UPDATED,
                     v1::MRR_EFFECT_NONE, 0},
         }) {
        INFO(now << " before " << before);
        const auto event = stripe_event("customer.subscription.updated", now, before);
        CHECK(v1::Fact_Name(event.fact()) == v1::Fact_Name(fact));
        CHECK(v1::MrrEffect_Name(event.mrr_effect()) == v1::MrrEffect_Name(effect));
        CHECK(event.mrr_delta().minor() == delta);
    }
}

TEST_CASE("how a subscription stood before an update is told, be it changed or not") {
    struct Example {
        std::string now;
        std::string before;
        std::string status;
        std::int64_t ends_at;
    };
    for (const auto& [now, before, status, ends_at] : {
             Example{R"("status": "active")", R"({"status": "past_due"})", "past_due", 0},
             Example{R"("status": "past_due")", R"({"default_payment_method": "pm_1"})", "past_due", 0},
             Example{R"("status": "active", "cancel_at": 900)", R"({"cancel_at": null})", "active", 0},
             Example{R"("status": "active", "cancel_at": null)", R"({"cancel_at": 900})", "active", 900},
             Example{R"("status": "active", "cancel_at": 900)", R"({"metadata": {}})", "active", 900},
             Example{R"("status": "active", "cancel_at_period_end": false, "current_period_end": 800)",
                     R"({"cancel_at_period_end": true})", "active", 800},
             Example{R"("status": "active", "cancel_at_period_end": true, "current_period_end": 800)",
                     R"({"current_period_end": 700})", "active", 700},
         }) {
        INFO(now << " before " << before);
        const auto event = stripe_event("customer.subscription.updated", subscription(now), before);
        CHECK(event.previous_status() == status);
        CHECK(event.has_previous_ends_at() == (ends_at != 0));
        CHECK(event.previous_ends_at().seconds() == ends_at);
    }
    const auto created = stripe_event("customer.subscription.created", subscription());
    CHECK(created.previous_status().empty());
}

TEST_CASE("a changed plan is named beside the one before, and a changed quantity is not one") {
    const auto other =
        stripe_event("customer.subscription.updated", subscription(), items("price_0", 1500, "month"));
    CHECK(other.plan().id() == "price_1");
    CHECK(other.previous_plan().id() == "price_0");
    const auto more =
        stripe_event("customer.subscription.updated", subscription(), items("price_1", 2500, "month"));
    CHECK_FALSE(more.has_previous_plan());
    CHECK(more.fact() == v1::FACT_SUBSCRIPTION_UPGRADED);
    CHECK(more.quantity() == 2);
}

TEST_CASE("what has no price of a unit tells no revenue, and what is billed by use adds none") {
    const auto mrr = [](std::string_view price) {
        const auto event = stripe_event(
            "customer.subscription.created",
            fmt::format(R"({{"id": "sub_1", "status": "active", "items": {{"data": [{{"price": {}}}]}}}})",
                        price));
        return event.has_mrr() ? words(event.mrr()) : "none";
    };
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": 520, "recurring": {"interval": "week"}})") ==
          "2253 USD");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": 1, "recurring": {"interval": "day"}})") ==
          "30 USD");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": 1000,
                  "recurring": {"interval": "month", "interval_count": 3}})") == "333 USD");
    CHECK(mrr(R"({"id": "p", "currency": "jpy", "unit_amount": 1000, "recurring": {"interval": "month"}})") ==
          "1000 JPY");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": null, "recurring": {"interval": "month"}})") ==
          "none");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": 5, "billing_scheme": "tiered",
                  "recurring": {"interval": "month"}})") == "none");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": 5,
                  "recurring": {"interval": "month", "usage_type": "metered"}})") == "0 USD");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": null, "billing_scheme": "tiered",
                  "recurring": {"interval": "month", "usage_type": "metered"}})") == "0 USD");
    CHECK(mrr(R"({"id": "p", "currency": "usd", "unit_amount": 9223372036854775807,
                  "recurring": {"interval": "week"}})") == "none");
}

TEST_CASE("what is billed by use hides nothing of what is not, in whichever currency its price is") {
    const auto mrr = [](std::string_view prices) {
        const auto event = stripe_event(
            "customer.subscription.created",
            fmt::format(R"({{"id": "sub_1", "status": "active", "items": {{"data": [{}]}}}})", prices));
        return event.has_mrr() ? words(event.mrr()) : "none";
    };
    const auto price = [](std::string_view currency, std::string_view usage) {
        return fmt::format(R"({{"price": {{"id": "p", "currency": "{}", "unit_amount": 500,
            "recurring": {{"interval": "month", "usage_type": "{}"}}}}}})",
                           currency, usage);
    };
    const std::string flat = price("usd", "licensed");
    const std::string use = price("eur", "metered");
    CHECK(mrr(use + "," + flat) == "500 USD");
    CHECK(mrr(flat + "," + use + "," + flat) == "1000 USD");
    CHECK(mrr(use + "," + price("usd", "metered")) == "0 EUR");
    CHECK(mrr(flat + "," + price("eur", "licensed")) == "none");
}

TEST_CASE("who goes over to what is billed by use alone brings nothing from then on") {
    const std::string metered = R"({"id": "sub_1", "status": "active", "items": {"data": [
        {"price": {"id": "use", "currency": "usd", "unit_amount": 5, "recurring":
            {"interval": "month", "usage_type": "metered"}}}]}})";
    const auto event = stripe_event("customer.subscription.updated", metered, items("flat", 5000, "month"));
    CHECK(words(event.mrr()) == "0 USD");
    CHECK(words(event.mrr_delta()) == "-5000 USD");
    CHECK(event.mrr_effect() == v1::MRR_EFFECT_CHURN);
    const auto older = stripe_event("customer.subscription.updated", R"({"id": "sub_1", "status": "active",
        "plan": {"id": "use", "amount": null, "currency": "usd", "interval": "month",
                 "billing_scheme": "tiered", "usage_type": "metered"}})",
                                    R"({"plan": {"id": "flat", "amount": 700, "currency": "usd",
                                                 "interval": "month"}})");
    CHECK(words(older.mrr()) == "0 USD");
    CHECK(words(older.mrr_delta()) == "-700 USD");
}

TEST_CASE("what a subscription brings now is told where nobody knows what it brought, or in other money") {
    const auto of_before = [](std::string_view price) {
        return stripe_event("customer.subscription.updated", subscription(),
                            fmt::format(R"({{"items": {{"data": [{{"price": {}}}]}}}})", price));
    };
    const auto euros = of_before(
        R"({"id": "p", "currency": "eur", "unit_amount": 2300, "recurring": {"interval": "month"}})");
    const auto tiers = of_before(
        R"({"id": "p", "currency": "usd", "billing_scheme": "tiered", "recurring": {"interval": "month"}})");
    for (const auto& event : {euros, tiers}) {
        CHECK(words(event.mrr()) == "5000 USD");
        CHECK_FALSE(event.has_mrr_delta());
        CHECK(event.mrr_effect() == v1::MRR_EFFECT_UNSPECIFIED);
        CHECK(event.fact() == v1::FACT_SUBSCRIPTION_UPDATED);
    }
}

TEST_CASE("a list of items that is cut off tells no revenue") {
    const auto mrr = [](std::string_view has_more) {
        const auto event = stripe_event("customer.subscription.created", fmt::format(R"({{"id": "sub_1",
            "status": "active", "items": {{"has_more": {}, "data": [{{"price": {{"id": "p", "currency": "usd",
            "unit_amount": 2500, "recurring": {{"interval": "month"}}}}}}]}}}})",
                                                                                     has_more));
        return event.has_mrr() ? words(event.mrr()) : "none";
    };
    CHECK(mrr("true") == "none");
    CHECK(mrr("false") == "2500 USD");
}

TEST_CASE("a status that is not known says nothing of revenue") {
    const auto event = stripe_event("customer.subscription.updated", subscription(R"("status": "moonlit")"),
                                    R"({"status": "active"})");
    CHECK(event.fact() == v1::FACT_SUBSCRIPTION_UPDATED);
    CHECK(event.status() == "moonlit");
    CHECK_FALSE(event.has_mrr());
    CHECK(event.mrr_effect() == v1::MRR_EFFECT_UNSPECIFIED);
}

TEST_CASE("a trial that ends without a payment loses no revenue") {
    const auto lost = [](std::string_view dates) {
        return stripe_event("customer.subscription.deleted",
                            subscription(fmt::format(R"("status": "canceled", {})", dates)))
            .mrr_delta()
            .minor();
    };
    CHECK(lost(R"("ended_at": 100, "trial_end": 100)") == 0);
    CHECK(lost(R"("ended_at": 101, "trial_end": 100)") == -5000);
    CHECK(lost(R"("ended_at": 101, "trial_end": null)") == -5000);
}
