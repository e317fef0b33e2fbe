// What an event means can depend on its source's settings.
#include <catch2/catch.hpp>

#include "providers/catalogue.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// With these settings, under the tenant and slug of the tests' events.
void create_source(Pipeline& pipeline, const std::string& settings) {
    postgres::Connection owner = pipeline.owner();
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    must(transact(owner, [&](postgres::Transaction& tx) {
        tx.execute(
            "insert into tenants.tenant (tenant, slug, name, plan, time_zone) "
            "values ($1, 'acme', 'Acme', 'standard', 'UTC')",
            shop_tenant);
        tx.execute(
            "insert into tenants.source (tenant, source, slug, provider, settings) "
            "values ($1, $2, 'shop', 'chargify', $3)",
            shop_tenant, make_uuid_v7(), postgres::Json{settings});
        tx.execute(
            "insert into tenants.audit (tenant, actor, verb, arguments, result) "
            "values ($1, 'tests', 'source create', '{}', '{}')",
            shop_tenant);
    }));
}

}  // namespace

TEST_CASE("an amount without a currency is of its source's, and without that a dead letter") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const std::string form =
        "id=1&event=payment_success&payload[site][id]=1&payload[subscription][id]=2&"
        "payload[transaction][id]=3&payload[transaction][amount_in_cents]=1188&payload[transaction][success]="
        "true";
    const archive::Event before = raw_event("payment_success", form, "chargify");
    world.pipeline().put({before});
    REQUIRE(comes_true([&] { return world.work().size() == 1; }));
    create_source(world.pipeline(), R"({"currency": "EUR"})");
    const archive::Event after = raw_event("payment_success", form, "chargify");
    world.pipeline().put({after});
    REQUIRE(world.payments(1).size() == 1);
    CHECK(world.payment(after.id)->amount().minor() == 1188);
    CHECK(world.payment(after.id)->amount().currency() == "EUR");
}
