// A customer as commands show it, and what is left when it is erased.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "enrichment/profile.hpp"
#include "integration/billing/world.hpp"
#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;
using enrichment::FactKind;
using enrichment::ToldFact;
using events::PaymentEvent;
using postgres::Transaction;

namespace {

const std::string of_ada = "cus_\"ada";  // an id may be anything

class Shop {
public:
    Shop() : tenant_{*Uuid::parse(json_text(shell_("tenant create acme --json").out, "tenant"))} {
        pay(of_ada, "pi_1", 9900);
        pay("cus_bob", "pi_2", 500);
    }

    Shell& shell() { return shell_; }
    const Uuid& tenant() const { return tenant_; }
    // "customer show ...": an id with a quote in it is one word.
    Ran customer(const std::string& verb, const std::vector<std::string>& more = {},
                 const std::string& id = of_ada) {
        std::vector<std::string> words{"customer", verb, id, "--tenant", "acme"};
        words.insert(words.end(), more.begin(), more.end());
        return shell_.run(words);
    }
    // A message of enrichment's that was not done.
    void not_done(const std::string& state, const std::string& customer) {
        postgres::Connection owner = open(shell_.database().owner());
        owner.execute("select set_config('tollgate.tenant', '*', false)");
        const std::string body =
            fmt::format(R"({{"customer": {}}})", boost::json::serialize(boost::json::value{customer}));
        owner.execute(
            "insert into consumer.work (consumer, message_id, tenant, state, hold, due_at, reason, topic, "
            "value, headers) "
            "values ('enrichment', $1, $2, $3, case $3 when 'held' then 'unmapped' end, "
            "case $3 when 'retrying' then now() end, 'it names ' || $4, 'raw', $5, '[]')",
            make_uuid_v7(), tenant_, state, customer, postgres::Bytes{body});
    }
    std::int64_t count(const std::string& of) {
        postgres::Connection owner = open(shell_.database().owner());
        owner.execute("select set_config('tollgate.tenant', '*', false)");
        return owner.execute("select count(*) from " + of).only().get<std::int64_t>(0);
    }

private:
    void pay(const std::string& customer, const std::string& payment, std::int64_t minor) {
        const ToldFact told{.event = make_uuid_v7(),
                            .tenant = tenant_,
                            .provider = "stripe",
                            .fact = {.kind = FactKind::payment,
                                     .object = payment,
                                     .payment = payment,
                                     .customer = customer,
                                     .amount = archive::Amount{.minor = minor, .currency = "USD"}},
                            .currency = "USD"};
        postgres::Connection enrichment = open(shell_.database().service("enrichment"));
        REQUIRE(transact(enrichment, [&](Transaction& tx) { enrichment::keep_facts(tx, {&told, 1}); }));
        PaymentEvent event;
        event.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
        event.set_provider("stripe");
        event.mutable_provider_time()->set_seconds(1'794'000'000);
        event.mutable_customer()->set_id(customer);
        event.mutable_references()->set_payment_id(payment);
        event.mutable_amount()->set_minor(minor);
        event.mutable_amount()->set_currency("USD");
        postgres::Connection billing = open(shell_.database().service("billing"));
        feed_billing(billing, {{tenant_, event}});
    }

    Shell shell_;
    const Uuid tenant_;
};

}  // namespace

TEST_CASE("a customer is shown with profile and payments, to those who may see the tenant") {
    Shop shop;
    CHECK_THAT(shop.customer("show").out, Contains("worth         99.00 USD") && Contains("succeeded"));
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

TEST_CASE("an erased customer is nobody any more, and sums and others stay as they are") {
    Shop shop;
    for (const char* state : {"dead", "held", "retrying"}) shop.not_done(state, of_ada);
    shop.not_done("dead", "cus_bob");
    CHECK_THAT(shop.customer("erase").err, Contains("give --provider"));
    CHECK_THAT(shop.customer("erase", {"--provider", "stripe"}, "").err, Contains("id is empty"));
    const auto would = shop.customer("erase", {"--provider", "stripe"});
    CHECK_THAT(would.out,
               Contains("1 profiles would get a pseudonym, and 2 messages lose") && Contains("--execute"));
    CHECK(shop.customer("show").code == 0);
    CHECK_THAT(shop.customer("erase", {"--provider", "stripe", "--execute"}).err, Contains("--reason"));

    const auto erased =
        shop.customer("erase", {"--provider", "stripe", "--execute", "--reason", "request 71", "--json"});
    REQUIRE(erased.code == 0);
    const std::string pseudonym = json_text(erased.out, "pseudonym");
    CHECK(pseudonym.starts_with("erased-"));
    CHECK_THAT(erased.err, Contains("1 message of this customer are still being retried"));
    CHECK(shop.count("enrichment.fact where customer like 'cus_\"%'") == 0);
    CHECK(shop.count("enrichment.customer where customer like 'cus_\"%'") == 0);
    CHECK(boost::json::parse(shop.customer("show", {"--json"}, pseudonym).out)
              .at("profiles")
              .at(0)
              .at("values")
              .at(0)
              .at("paid_minor") == 9900);
    CHECK(shop.count(
              "consumer.work where state = 'discarded' and value is null and headers is null and reason = "
              "'its customer was erased'") == 2);
    CHECK(shop.count("consumer.work where state = 'retrying' and value is not null") == 1);
    CHECK(shop.count("consumer.work where state = 'dead' and value is not null") == 1);
    CHECK(shop.customer("show", {}, "cus_bob").code == 0);
    CHECK(shop.count("billing.payment") == 2);
    CHECK(shop.shell()("ledger check --tenant acme").code == 0);

    // Again: what was retried has come to its end, and then there is nothing.
    postgres::Connection owner = open(shop.shell().database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    owner.execute("update consumer.work set state = 'dead', due_at = null where state = 'retrying'");
    CHECK(shop.customer("erase", {"--provider", "stripe", "--execute", "--reason", "request 71"}).code == 0);
    CHECK(shop.count("consumer.work where state = 'discarded' and value is null") == 3);
    CHECK(shop.customer("erase", {"--provider", "stripe", "--execute", "--reason", "request 71"}).code == 3);

    const auto log = shop.shell()("audit log --tenant acme --verb customer --json").out;
    CHECK_THAT(log, Contains("request 71") && Contains(pseudonym) && !Contains("ada"));
    const auto viewer = shop.shell().as("vic", "--role viewer --tenant acme");
    CHECK(shop.shell()("customer erase cus_bob --tenant acme --provider stripe --execute --reason x", viewer)
              .code == 4);
}
