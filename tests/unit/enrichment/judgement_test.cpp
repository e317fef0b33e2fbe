#include "enrichment/judgement.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using enrichment::advice_of;
using enrichment::priority_of;
using events::PaymentEvent;

namespace {

PaymentEvent event(v1::Fact fact, v1::Category category = v1::CATEGORY_OTHER) {
    PaymentEvent made;
    made.set_fact(fact);
    made.set_category(category);
    return made;
}

}  // namespace

TEST_CASE("how soon somebody should look follows from what happened") {
    CHECK(priority_of(event(v1::FACT_DISPUTE_OPENED)) == v1::PRIORITY_ACT_NOW);
    CHECK(priority_of(event(v1::FACT_PAYMENT_FAILED)) == v1::PRIORITY_TODAY);
    CHECK(priority_of(event(v1::FACT_PAYMENT_SUCCEEDED)) == v1::PRIORITY_INFORMATION);
    CHECK(priority_of(event(v1::FACT_SUBSCRIPTION_RENEWED)) == v1::PRIORITY_DIGEST);
    CHECK(priority_of(event(v1::FACT_UNSPECIFIED)) == v1::PRIORITY_DIGEST);
}

TEST_CASE("the last attempt is to be looked at now, and one that is followed by another is not") {
    PaymentEvent failed = event(v1::FACT_PAYMENT_FAILED, v1::CATEGORY_MONEY_AT_RISK);
    failed.set_attempt(4);
    CHECK(priority_of(failed) == v1::PRIORITY_TODAY);
    failed.set_attempts_max(4);
    CHECK(priority_of(failed) == v1::PRIORITY_ACT_NOW);
    failed.mutable_next_attempt()->set_seconds(1);
    CHECK(priority_of(failed) == v1::PRIORITY_TODAY);
}

TEST_CASE("money of a customer of the best tenth that is at risk is to be looked at now") {
    PaymentEvent due = event(v1::FACT_SUBSCRIPTION_PAST_DUE, v1::CATEGORY_MONEY_AT_RISK);
    due.mutable_history()->set_value_percentile(89);
    CHECK(priority_of(due) == v1::PRIORITY_TODAY);
    due.mutable_history()->set_value_percentile(90);
    CHECK(priority_of(due) == v1::PRIORITY_ACT_NOW);
    due.set_category(v1::CATEGORY_SUBSCRIPTION);
    CHECK(priority_of(due) == v1::PRIORITY_TODAY);
}

TEST_CASE("advice is what the history tells, and nothing where it tells nothing") {
    PaymentEvent dispute = event(v1::FACT_DISPUTE_OPENED);
    CHECK(advice_of(dispute).empty());
    dispute.mutable_history()->set_payments(12);
    CHECK_THAT(std::string{advice_of(dispute)}, Catch::Contains("paid many times"));
    dispute.mutable_history()->set_disputes(1);
    CHECK_THAT(std::string{advice_of(dispute)}, Catch::Contains("disputed before"));

    PaymentEvent failed = event(v1::FACT_PAYMENT_FAILED);
    CHECK(advice_of(failed).empty());
    failed.mutable_history()->set_failures(2);
    CHECK_THAT(std::string{advice_of(failed)}, Catch::Contains("has ever worked"));
    failed.mutable_history()->set_payments(12);
    CHECK(advice_of(failed).empty());
    failed.mutable_history()->set_failures(0);
    CHECK_THAT(std::string{advice_of(failed)}, Catch::Contains("always paid"));
    failed.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    CHECK(advice_of(failed).empty());
}
