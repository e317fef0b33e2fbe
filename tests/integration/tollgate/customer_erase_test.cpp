// What is left when a customer is erased: all of what is theirs by what providers' folders read, and nothing
// of anybody else.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "customer_shop.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

const std::string by_ada = R"("customer": "cus_\"ada")";

std::int64_t number_in(const Ran& ran, const std::string& name) {
    return boost::json::parse(ran.out).at(name).as_int64();
}

}  // namespace

TEST_CASE("an erased customer is nobody any more, and sums and others stay as they are") {
    CustomerShop shop;
    for (const char* state : {"dead", "held"}) shop.not_done(state, "charge.succeeded", charge_of(by_ada));
    CHECK_THAT(shop.customer("erase").err, Contains("give --provider"));
    CHECK_THAT(shop.customer("erase", {"--provider", "stripe"}, "").err, Contains("id is empty"));
    const auto would = shop.customer("erase", {"--provider", "stripe"});
    CHECK_THAT(would.out,
               Contains("1 profiles would get a pseudonym, 2 messages lose") && Contains("--execute"));
    CHECK(shop.customer("show").code == 0);
    CHECK_THAT(shop.customer("erase", {"--provider", "stripe", "--execute"}).err, Contains("--reason"));
    CHECK(shop.count("consumer.work where state = 'discarded'") == 0);

    const auto erased = shop.erase();
    REQUIRE(erased.code == 0);
    const std::string pseudonym = json_text(erased.out, "pseudonym");
    CHECK(pseudonym.starts_with("erased-"));
    CHECK(number_in(erased, "messages") == 2);
    CHECK(shop.count("enrichment.fact where customer like 'cus_\"%'") == 0);
    CHECK(shop.count("enrichment.customer where customer like 'cus_\"%'") == 0);
    CHECK(shop.count("enrichment.erasure") == 0);
    // Her id and her payment, for what comes of before.
    CHECK(shop.count("consumer.erased_name") == 2);
    CHECK(shop.count("consumer.erasure where received_until < 'infinity'") == 1);
    CHECK(boost::json::parse(shop.customer("show", {"--json"}, pseudonym).out)
              .at("profiles")
              .at(0)
              .at("values")
              .at(0)
              .at("paid_minor") == 9900);
    CHECK(shop.count(
              "consumer.work where state = 'discarded' and value is null and headers is null and reason = "
              "'its customer was erased'") == 2);
    CHECK(shop.count("consumer.attempt where reason like '%ada%'") == 0);
    CHECK(shop.customer("show", {}, "cus_bob").code == 0);
    CHECK(shop.count("billing.payment") == 2);
    CHECK(shop.shell()("ledger check --tenant acme").code == 0);
    CHECK(shop.erase().code == 3);

    const auto log = shop.shell()("audit log --tenant acme --verb customer --json").out;
    CHECK_THAT(log, Contains("request 71") && Contains(pseudonym) && !Contains("ada"));
    const auto viewer = shop.shell().as("vic", "--role viewer --tenant acme");
    CHECK(shop.shell()("customer erase cus_bob --tenant acme --provider stripe --execute --reason x", viewer)
              .code == 4);
}

TEST_CASE("all that is read as a customer's is erased, however it is written") {
    CustomerShop shop;
    shop.change("update enrichment.customer set email = 'ada@acme.example' where customer like '%ada'");
    const auto escaped =
        shop.not_done("dead", "charge.succeeded", charge_of(R"("customer": "cus_\u0022\u0061da")"));
    const auto whole_object =
        shop.not_done("dead", "charge.succeeded", charge_of(R"("customer": {"id": "cus_\"ada"})"));
    const auto by_email =
        shop.not_done("dead", "charge.succeeded", charge_of(R"("receipt_email": "Ada@ACME.example")"));
    const auto by_payment = shop.not_done(
        "held", "refund.created",
        R"({"id": "re_1", "object": "refund", "amount": 1, "currency": "usd", "status": "succeeded", "payment_intent": "pi_1"})");
    const auto enriched = shop.not_booked(payment_of(of_ada));
    const auto erased = shop.erase();
    REQUIRE(erased.code == 0);
    CHECK(number_in(erased, "messages") == 5);
    for (const Uuid& each : {escaped, whole_object, by_email, by_payment, enriched})
        CHECK(shop.state_of(each) == "discarded");
    // Her address too.
    CHECK(shop.count("consumer.erased_name") == 3);
}

TEST_CASE("nothing of anybody else's is erased") {
    CustomerShop shop;
    shop.change("update enrichment.customer set email = 'both@acme.example'");
    const auto longer =
        shop.not_done("dead", "charge.succeeded", charge_of(R"("customer": "cus_\"adaline")"));
    const auto mentioned = shop.not_done(
        "dead", "charge.succeeded",
        charge_of(R"("customer": "cus_bob", "description": "cus_\"ada", "metadata": {"by": "cus_\"ada"})"));
    const auto shared =
        shop.not_done("dead", "charge.succeeded", charge_of(R"("receipt_email": "both@acme.example")"));
    const auto of_bobs_payment = shop.not_done(
        "dead", "refund.created",
        R"({"id": "re_1", "object": "refund", "amount": 1, "currency": "usd", "status": "succeeded", "payment_intent": "pi_2"})");
    const auto elsewhere = shop.not_booked(payment_of(of_ada, "paypal"));
    // Whose this is nobody knows: it has no amount that makes sense.
    const auto unread = shop.not_done(
        "dead", "charge.succeeded",
        R"({"id": "ch_9", "object": "charge", "amount": "much", "currency": "usd", "customer": "cus_\"ada"})");
    const auto erased = shop.erase();
    REQUIRE(erased.code == 0);
    CHECK(number_in(erased, "messages") == 0);
    CHECK(number_in(erased, "left_unreadable") == 1);
    CHECK_THAT(erased.err, Contains("1 message of the tenant cannot be read"));
    for (const Uuid& each : {longer, mentioned, shared, of_bobs_payment, elsewhere, unread})
        CHECK(shop.state_of(each) == "dead, with bytes");
}

TEST_CASE("a customer's number is of one account or source, and others' of that number stay") {
    CustomerShop shop;
    for (const std::string realm : {"hill", "lake"}) {
        shop.change(fmt::format(
            "insert into enrichment.customer (tenant, provider, customer, is_test, realm, first_at, last_at) "
            "values ('{}', 'school', 'STU-1', false, 'source/{}', now(), now())",
            shop.tenant().text(), realm));
    }
    auto event = payment_of("STU-1", "school");
    event.set_source("hill");
    const auto of_hill = shop.not_booked(event);
    event.set_source("lake");
    const auto of_lake = shop.not_booked(event);
    const auto which = shop.erase({"--provider", "school"}, "STU-1");
    CHECK(which.code == 2);
    CHECK_THAT(which.err, Contains("--within (source/hill, source/lake)"));
    REQUIRE(shop.erase({"--provider", "school", "--within", "source/hill"}, "STU-1").code == 0);
    CHECK(shop.state_of(of_hill) == "discarded");
    CHECK(shop.state_of(of_lake) == "dead, with bytes");
    CHECK(shop.count("enrichment.customer where customer = 'STU-1' and realm = 'source/lake'") == 1);
    CHECK(shop.count("enrichment.customer where customer = 'STU-1'") == 1);
    CHECK(shop.erase({"--provider", "school", "--within", "source/moon"}, "STU-1").code == 3);
}

TEST_CASE("what is kept of before numbers were told apart is erased by itself") {
    CustomerShop shop;
    for (const std::string realm : {"", "source/lake"}) {
        shop.change(fmt::format(
            "insert into enrichment.customer (tenant, provider, customer, is_test, realm, first_at, last_at) "
            "values ('{}', 'school', 'STU-1', false, '{}', now(), now())",
            shop.tenant().text(), realm));
    }
    CHECK_THAT(shop.erase({"--provider", "school"}, "STU-1").err, Contains("--within (none, source/lake)"));
    const auto wrong = shop.erase({"--provider", "school", "--within", "lake"}, "STU-1");
    CHECK(wrong.code == 2);
    CHECK_THAT(wrong.err, Contains("source/NAME, account/ID and none"));
    const auto shown = boost::json::parse(shop.customer("show", {"--json"}, "STU-1").out).at("profiles");
    CHECK(shown.at(0).at("within").is_null());
    CHECK(shown.at(1).at("within") == "source/lake");
    CHECK_THAT(shop.customer("show", {}, "STU-1").out, Contains("within          source/lake"));
    REQUIRE(shop.erase({"--provider", "school", "--within", "none"}, "STU-1").code == 0);
    CHECK(shop.count("enrichment.customer where customer = 'STU-1' and realm = 'source/lake'") == 1);
    CHECK(shop.count("enrichment.customer where customer = 'STU-1'") == 1);
}

TEST_CASE("while a customer's message is being retried the profile stays, and goes the next time") {
    CustomerShop shop;
    const auto retried = shop.not_done("retrying", "charge.succeeded", charge_of(by_ada));
    const auto dead = shop.not_done("dead", "charge.succeeded", charge_of(by_ada));
    const auto first = shop.erase();
    REQUIRE(first.code == 0);
    CHECK_THAT(first.err, Contains("1 message of this customer are still being retried"));
    CHECK(boost::json::parse(first.out).at("erased") == false);
    CHECK(shop.state_of(dead) == "discarded");
    CHECK(shop.state_of(retried) == "retrying, with bytes");
    CHECK(shop.customer("show").code == 0);
    CHECK(shop.count("consumer.erasure where received_until = 'infinity'") == 1);

    shop.change("update consumer.work set state = 'dead', due_at = null where state = 'retrying'");
    const auto second = shop.erase();
    REQUIRE(second.code == 0);
    CHECK(json_text(second.out, "pseudonym") == json_text(first.out, "pseudonym"));
    CHECK(shop.state_of(retried) == "discarded");
    CHECK(shop.count("enrichment.customer where customer like '%ada'") == 0);
    CHECK(shop.count("consumer.erasure where received_until = 'infinity'") == 0);
}

TEST_CASE("an erasure that ended half-way is carried on under the same pseudonym") {
    CustomerShop shop;
    shop.change(
        fmt::format("insert into enrichment.erasure (tenant, provider, realm, customer, pseudonym) "
                    "values ('{}', 'stripe', '', 'cus_\"ada', 'erased-before')",
                    shop.tenant().text()));
    shop.change("update enrichment.fact set customer = 'erased-before' where customer like '%ada'");
    // Of the same payment, which names nobody, and what would.
    shop.change(
        "insert into enrichment.fact (tenant, event_id, provider, kind, object, payment, customer, at, "
        "version, "
        "is_test) select tenant, gen_random_uuid(), provider, 'dispute', 'dp_1', payment, 'cus_\"ada', at, "
        "version, is_test from enrichment.fact where customer = 'erased-before'");
    const auto by_payment = shop.not_done(
        "dead", "refund.created",
        R"({"id": "re_1", "object": "refund", "amount": 1, "currency": "usd", "status": "succeeded", "payment_intent": "pi_1"})");
    const auto erased = shop.erase();
    CHECK(shop.state_of(by_payment) == "discarded");
    REQUIRE(erased.code == 0);
    CHECK(json_text(erased.out, "pseudonym") == "erased-before");
    CHECK(boost::json::parse(shop.customer("show", {"--json"}, "erased-before").out)
              .at("profiles")
              .at(0)
              .at("values")
              .at(0)
              .at("paid_minor") == 9900);
}

TEST_CASE("a customer of many messages is erased page by page") {
    CustomerShop shop;
    constexpr std::int64_t pages_and_some = 120;
    for (std::int64_t i = 0; i < pages_and_some; ++i) shop.not_booked(payment_of(of_ada));
    const auto bobs = shop.not_booked(payment_of("cus_bob"));
    const auto erased = shop.erase();
    REQUIRE(erased.code == 0);
    CHECK(number_in(erased, "messages") == pages_and_some);
    CHECK(shop.count("consumer.work where state = 'discarded'") == pages_and_some);
    CHECK(shop.state_of(bobs) == "dead, with bytes");
    // Its beginning, three pages, its end.
    CHECK(shop.count("tenants.audit where verb = 'customer erase'") == 5);
}

TEST_CASE("what people are told says no more whom it is about") {
    CustomerShop shop;
    const auto adas = shop.told(payment_of(of_ada));
    const auto bobs = shop.told(payment_of("cus_bob"));
    const auto erased = shop.erase();
    REQUIRE(erased.code == 0);
    CHECK(number_in(erased, "deliveries") == 1);
    const auto about = [&](const Uuid& event, const std::string& text) {
        return shop.count(
            fmt::format("delivery.event where event_id = '{}' and position('{}'::bytea in value) > 0",
                        event.text(), text));
    };
    CHECK(about(adas, "ada") == 0);
    CHECK(about(adas, "Ada") == 0);
    CHECK(about(adas, json_text(erased.out, "pseudonym")) == 1);
    CHECK(about(bobs, "cus_bob") == 1);
    CHECK(shop.count("delivery.delivery where headline is null") == 1);
    CHECK(shop.count("delivery.story where began like '%Ada%'") == 0);
}
