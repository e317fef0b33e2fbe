// Where a customer stands among those of the tenant by what they paid, and what follows from it.
#include <array>

#include <catch2/catch.hpp>

#include "enrichment/companies.hpp"
#include "enrichment/profile.hpp"
#include "enrichment/upkeep.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using enrichment::FactKind;
using enrichment::ToldFact;
using postgres::Transaction;

namespace {

class Customers {
public:
    // One that has paid so much.
    void pays(const Uuid& tenant, const std::string& customer, std::int64_t minor,
              const std::string& currency = "USD", bool is_test = false) {
        const ToldFact told{.event = make_uuid_v7(),
                            .tenant = tenant,
                            .provider = "stripe",
                            .fact = {.kind = FactKind::payment,
                                     .object = "pi_" + customer,
                                     .payment = "pi_" + customer,
                                     .customer = customer,
                                     .at = SystemClock{}.now() - std::chrono::hours{1},
                                     .amount = archive::Amount{.minor = minor, .currency = currency},
                                     .is_test = is_test},
                            .currency = currency};
        must(transact(connection_, [&](Transaction& tx) { enrichment::keep_facts(tx, {&told, 1}); }));
    }
    void rank(const enrichment::UpkeepSettings& settings = {.rank_every = std::chrono::milliseconds{0}}) {
        Uuid after{};
        while (const auto ranked = must(transact(connection_, [&](Transaction& tx) {
                   return enrichment::rank_customers(tx, after, settings);
               })))
            after = *ranked;
    }
    std::uint32_t percentile(const Uuid& tenant, const std::string& customer,
                             const std::string& currency = "USD") {
        const ToldFact asks{.event = make_uuid_v7(),
                            .tenant = tenant,
                            .provider = "stripe",
                            .fact = {.kind = FactKind::failure, .object = "x", .customer = customer},
                            .currency = currency};
        const auto history = must(transact(connection_, [&](Transaction& tx) {
                                 return enrichment::read_histories(tx, {&asks, 1});
                             })).front();
        return history ? history->value_percentile() : 0;
    }
    postgres::Connection& connection() { return connection_; }

private:
    Database database_{enrichment_schemas()};
    postgres::Connection connection_ = open(database_.service("enrichment"));
};

}  // namespace

TEST_CASE("a customer stands where what was paid stands among the tenant's, in that currency") {
    Customers customers;
    const Uuid tenant = make_uuid_v7();
    const Uuid other = make_uuid_v7();
    for (int i = 1; i <= 100; ++i) customers.pays(tenant, "c" + std::to_string(i), std::int64_t{i} * 10);
    for (int i = 1; i <= 40; ++i) customers.pays(tenant, "y" + std::to_string(i), 1000 - i, "JPY");
    for (int i = 1; i <= 19; ++i) customers.pays(other, "c" + std::to_string(i), std::int64_t{i} * 10);
    CHECK(customers.percentile(tenant, "c100") == 0);
    customers.rank();
    CHECK(customers.percentile(tenant, "c100") == 100);
    CHECK(customers.percentile(tenant, "c90") == 90);
    CHECK(customers.percentile(tenant, "c50") == 50);
    CHECK(customers.percentile(tenant, "c1") == 1);
    CHECK(customers.percentile(tenant, "y1", "JPY") >= 97);
    CHECK(customers.percentile(tenant, "y40", "JPY") == 1);
    // Among a few a place says nothing, and nobody stands among another tenant's.
    CHECK(customers.percentile(other, "c19") == 0);
    CHECK(customers.percentile(tenant, "nobody") == 0);
    // More paid since counts at once, without all being asked.
    customers.pays(tenant, "c1", 100'000);
    CHECK(customers.percentile(tenant, "c1") == 100);
}

TEST_CASE("where all have paid the same nobody is one of the best") {
    Customers customers;
    const Uuid tenant = make_uuid_v7();
    for (int i = 1; i <= 50; ++i) customers.pays(tenant, "c" + std::to_string(i), 990);
    customers.rank();
    CHECK(customers.percentile(tenant, "c7") == 1);
}

TEST_CASE("bounds are reckoned from some customers, at most so often, and test payments are apart") {
    Customers customers;
    const Uuid tenant = make_uuid_v7();
    for (int i = 1; i <= 60; ++i) customers.pays(tenant, "c" + std::to_string(i), i);
    for (int i = 1; i <= 30; ++i) customers.pays(tenant, "t" + std::to_string(i), i, "USD", true);
    customers.rank({.rank_every = std::chrono::hours{1}, .customers_max = 45});
    const auto reckoned = [&](const std::string& what) {
        return customers.connection()
            .execute("select coalesce(sum(" + what + "), 0)::bigint from enrichment.value_bounds")
            .only()
            .get<std::int64_t>(0);
    };
    CHECK(reckoned("customers") <= 45);
    CHECK(reckoned("customers") >= 20);
    customers.rank({.rank_every = std::chrono::hours{1}});
    CHECK(reckoned("customers") <= 45);
    customers.rank();
    CHECK(reckoned("customers") == 90);
    CHECK(reckoned("customers * is_test::integer") == 30);
}

TEST_CASE("companies that are too old are purged, and those that are not stay") {
    Customers customers;
    const std::array<enrichment::DomainAnswer, 3> answers{{
        {"a.de", {.found = true, .good_for = std::chrono::hours{1}}},
        {"b.de", {.found = false, .good_for = std::chrono::hours{1}}},
        {"c.de", {.found = false, .good_for = std::chrono::seconds{0}}},
    }};
    must(transact(customers.connection(), [&](Transaction& tx) { enrichment::keep_companies(tx, answers); }));
    const auto purge = [&] {
        return must(transact(customers.connection(),
                             [](Transaction& tx) { return enrichment::purge_companies(tx, 10); }));
    };
    CHECK(purge() == 0);
    customers.connection().execute(
        "update enrichment.company set until = now() - interval '1 second' where found");
    CHECK(purge() == 1);
    CHECK(
        customers.connection().execute("select domain from enrichment.company").only().get<std::string>(0) ==
        "b.de");
}

TEST_CASE("a failure of a customer who is worth much is for now") {
    EnrichmentByJournal world;
    const auto process =
        world.start({{"TOLLGATE_UPKEEP_EVERY", "100ms"}, {"TOLLGATE_UPKEEP_RANK_EVERY", "100ms"}});
    const auto event = [](const std::string& type, int customer, const std::string& members) {
        return raw_event(type,
                         fmt::format(R"({{"object": "event", "created": 1790000000, "data": {{"object": {{
                                  "customer": "cus_{}", "currency": "usd", {}}}}}}})",
                                     customer, members));
    };
    std::vector<archive::Event> paid;
    for (int i = 1; i <= 30; ++i) {
        paid.push_back(event("payment_intent.succeeded", i,
                             fmt::format(R"("id": "pi_{}", "amount_received": {})", i, i * 100)));
    }
    world.pipeline().put(paid);
    REQUIRE(world.payments(30).size() == 30);
    REQUIRE(comes_true([&] { return world.count("enrichment.value_bounds where customers = 30") == 1; }));
    const auto failed = [&](int customer) {
        return event("payment_intent.payment_failed", customer,
                     fmt::format(R"("id": "pi_f{}", "amount": 7)", customer));
    };
    const archive::Event of_big = failed(30);
    const archive::Event of_small = failed(2);
    world.pipeline().put({of_big, of_small});
    REQUIRE(world.payments(32).size() == 32);
    CHECK(world.payment(of_big.id)->history().value_percentile() >= 97);
    CHECK(world.payment(of_big.id)->priority() == v1::PRIORITY_ACT_NOW);
    CHECK(world.payment(of_small.id)->history().value_percentile() < 10);
    CHECK(world.payment(of_small.id)->priority() == v1::PRIORITY_TODAY);
}
