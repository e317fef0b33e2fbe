// Payments, subscriptions and the ledger as commands show them.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "integration/billing/world.hpp"
#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;
using events::PaymentEvent;

namespace {

PaymentEvent event(v1::Fact fact, std::int64_t second, std::int64_t minor) {
    PaymentEvent made;
    made.set_fact(fact);
    made.set_provider("stripe");
    made.mutable_provider_time()->set_seconds(second);
    made.mutable_customer()->set_id("cus_1");
    made.mutable_amount()->set_minor(minor);
    made.mutable_amount()->set_currency("KWD");
    return made;
}

constexpr std::int64_t november = 1'794'000'000;  // 2026-11-06
constexpr std::int64_t december = november + 30 * 86'400;

PaymentEvent paid(const std::string& intent, std::int64_t minor) {
    PaymentEvent made = event(v1::FACT_PAYMENT_SUCCEEDED, november, minor);
    made.mutable_references()->set_payment_id(intent);
    return made;
}

PaymentEvent refunded(const std::string& intent, std::int64_t minor) {
    PaymentEvent made = event(v1::FACT_REFUND_SUCCEEDED, november + 60, minor);
    made.mutable_references()->set_payment_id(intent);
    made.mutable_references()->set_refund_id("re_1");
    return made;
}

PaymentEvent subscribed(v1::Fact fact, std::int64_t second, const std::string& status, std::int64_t mrr) {
    PaymentEvent made = event(fact, second, 1);
    made.mutable_references()->set_subscription_id("sub_1");
    made.set_status(status);
    made.mutable_mrr()->set_minor(mrr);
    made.mutable_mrr()->set_currency("KWD");
    return made;
}

void feed(const Shell& shell, const Uuid& tenant, const std::vector<PaymentEvent>& events) {
    std::vector<Sent> batch;
    for (const PaymentEvent& each : events) batch.push_back({tenant, each});
    postgres::Connection billing = open(shell.database().service("billing"));
    feed_billing(billing, batch);
}

}  // namespace

TEST_CASE("a payment is listed, and shown by any of its names, to those who may see its tenant") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_tenant(shell, "other");
    CHECK(shell("payment list --all-tenants").code == 3);
    feed(shell, acme, {paid("pi_1", 12'345), refunded("pi_1", 345), paid("pi_2", 1)});
    CHECK_THAT(shell("payment list --tenant acme").out,
               Contains("partly_refunded") && Contains("12.345 KWD") && Contains("cus_1"));
    CHECK(std::ranges::count(shell("payment list --all-tenants --status succeeded --json").out, '\n') == 1);
    CHECK(shell("payment list --tenant acme --customer cus_2").code == 3);
    CHECK(shell("payment list --tenant acme --test").code == 3);
    CHECK(shell("payment list").code == 2);

    const Ran shown = shell("payment show pi_1");
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, Contains("given back    0.345 KWD") && Contains("known as      payment/pi_1") &&
                              Contains("sales -> provider  12.345 KWD"));
    const auto json = boost::json::parse(shell("payment show pi_1 --json").out).as_object();
    CHECK(json.at("refunded_minor") == 345);
    CHECK(json.at("ledger").as_array().size() == 2);
    CHECK(shell("payment show " + std::string{json.at("payment_id").as_string()}).code == 0);
    // A name is no pattern.
    CHECK(shell("payment show pi%").code == 3);

    const auto oleg = shell.as("oleg", "--role viewer --tenant other");
    CHECK(shell("payment show pi_1", oleg).code == 3);
    CHECK(shell("payment list --tenant acme", oleg).code == 4);
    CHECK(shell("ledger check --tenant acme", oleg).code == 4);
    CHECK(shell("ledger check --all-tenants", oleg).code == 3);
}

TEST_CASE("an amount that nobody tells is shown as that, and not as nothing") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    PaymentEvent confirmed = paid("PM1", 1);
    confirmed.set_provider("gocardless");
    confirmed.clear_amount();
    feed(shell, acme, {confirmed});
    CHECK_THAT(shell("payment list --tenant acme").out, Contains("succeeded") && Contains("not told"));
    CHECK_THAT(shell("payment show PM1").out, Contains("amount        not told") &&
                                                  Contains("nobody says how much") &&
                                                  Contains("nothing is booked"));
    const auto json = boost::json::parse(shell("payment show PM1 --json").out).as_object();
    CHECK(json.at("amount_minor").is_null());
    CHECK(json.at("captured_minor").is_null());
    // Many of its kind do not hide what is rare.
    std::vector<PaymentEvent> many;
    for (int i = 0; i < 120; ++i) {
        many.push_back(confirmed);
        many.back().mutable_references()->set_payment_id(fmt::format("PM2{}", i));
    }
    feed(shell, acme, {refunded("pi_2", 5)});
    feed(shell, acme, many);
    const Ran checked = shell("ledger check --tenant acme");
    CHECK(checked.code == 0);
    CHECK_THAT(checked.out, Contains("a refund of what was never seen to be paid") &&
                                Contains("money has come, and nobody says how much") &&
                                Contains("and 22 more of the kind"));
}

TEST_CASE("the ledger's check says what its accounts stand at, what is odd, and what does not add up") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    feed(shell, acme, {paid("pi_1", 12'345), refunded("pi_2", 5)});
    const Ran good = shell("ledger check --tenant acme");
    CHECK(good.code == 0);
    CHECK_THAT(good.out, Contains("the ledger adds up") && Contains("-12.345 KWD") &&
                             Contains("a refund of what was never seen to be paid"));
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script(
        "set tollgate.tenant = '*'; update billing.payment set captured_minor = 1 where amount_minor > 5");
    const Ran bad = shell("ledger check --all-tenants");
    CHECK(bad.code == 1);
    CHECK_THAT(bad.out, Contains("does NOT add up") && Contains("0.001 KWD") && Contains("tollgate redo"));
    CHECK_THAT(shell("ledger check --all-tenants --json").out, Contains("\"adds_up\":false"));
}

TEST_CASE("a subscription is shown with the revenue that it moved, and months add it up") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    CHECK(shell("mrr --all-tenants").code == 3);
    CHECK(shell("subscription list --all-tenants").code == 3);
    feed(shell, acme,
         {subscribed(v1::FACT_SUBSCRIPTION_ACTIVATED, november, "active", 9000),
          subscribed(v1::FACT_SUBSCRIPTION_UPGRADED, november + 60, "active", 12'000),
          subscribed(v1::FACT_SUBSCRIPTION_ENDED, december, "canceled", 0)});
    CHECK_THAT(shell("subscription list --tenant acme --status cancelled").out, Contains("sub_1"));
    CHECK_THAT(shell("subscription show sub_1").out,
               Contains("new           9.000 KWD") && Contains("churn         -12.000 KWD"));
    CHECK(shell("subscription show sub_2").code == 3);
    const Ran months = shell("mrr --tenant acme --json");
    CHECK_THAT(months.out,
               Contains(R"("month":"2026-11","currency":"KWD","new_minor":9000,"expansion_minor":3000)") &&
                   Contains(R"("mrr_minor":12000)") && Contains(R"("churn_minor":-12000,"mrr_minor":0)"));
    CHECK_THAT(shell("mrr --tenant acme").out, Contains("AT ITS END"));
}
