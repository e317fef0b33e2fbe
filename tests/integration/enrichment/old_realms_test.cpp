// What was kept of customers before keys had realms gets those that can be known, when the database is
// migrated.
#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "archive/schema.hpp"
#include "enrichment/schema.hpp"
#include "tenants/schema.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr std::size_t last_without = 9;
const Uuid tenant = make_uuid_v7();

// Migrated as far as it was before, with what a program of then has left.
class OldDatabase {
public:
    OldDatabase() : owner_{open(database_.owner())} {
        const postgres::Schema& now = enrichment::schema();
        const postgres::Schema then{
            .name = now.name, .needs = now.needs, .migrations = now.migrations.first(last_without)};
        migrate_with(then);
        owner_.execute("select set_config('tollgate.tenant', '*', false)");
        owner_.execute_script(
            fmt::format("begin; insert into tenants.tenant (tenant, slug, name, plan, time_zone) "
                        "values ('{0}', 'acme', 'Acme', 'standard', 'UTC'); "
                        "insert into tenants.audit (tenant, actor, verb, arguments, result) "
                        "values ('{0}', 'tests', 'tenant create', '{{}}', '{{}}'); commit",
                        tenant.text()));
    }

    void source(const std::string& slug, const std::string& provider) {
        owner_.execute_script(
            fmt::format("begin; insert into tenants.source (tenant, source, slug, provider, settings) "
                        "values ('{0}', '{1}', '{2}', '{3}', '{{}}'); "
                        "insert into tenants.audit (tenant, actor, verb, arguments, result) "
                        "values ('{0}', 'tests', 'source create', '{{}}', '{{}}'); commit",
                        tenant.text(), make_uuid_v7().text(), slug, provider));
    }
    // Of an event that is stored still, if it is said where it came to.
    void fact(const std::string& provider, const std::string& customer, const std::string& source = "",
              const std::string& account = "") {
        const Uuid id = make_uuid_v7();
        owner_.execute(
            "insert into enrichment.fact (tenant, event_id, provider, kind, object, customer, at, version, "
            "is_test) values ($1, $2, $3, 'payment', 'p', $4, now(), 0, false)",
            tenant, id, provider, customer);
        owner_.execute(
            "insert into enrichment.customer (tenant, provider, customer, is_test, first_at, last_at) "
            "values ($1, $2, $3, false, now(), now()) on conflict do nothing",
            tenant, provider, customer);
        if (source.empty()) return;
        owner_.execute(
            "insert into archive.event (id, tenant, source, provider, type, account, headers, body) "
            "values ($1, $2, $3, $4, 't', nullif($5, ''), '', '')",
            id, tenant, source, provider, account);
    }
    void run(const std::string& sql) { owner_.execute_script(sql); }
    void migrate() { migrate_with(enrichment::schema()); }
    std::vector<std::string> rows(const std::string& sql) {
        std::vector<std::string> texts;
        for (const postgres::Row row : owner_.execute(sql)) texts.push_back(row.get<std::string>(0));
        return texts;
    }
    std::vector<std::string> customers() {
        return rows(
            "select concat_ws(' ', provider, customer, nullif(realm, '')) from enrichment.customer order by "
            "1");
    }
    std::vector<std::string> facts() {
        return rows(
            "select concat_ws(' ', provider, customer, nullif(realm, '')) from enrichment.fact order by 1");
    }

private:
    void migrate_with(const postgres::Schema& enrichment) {
        auto schemas =
            std::vector<const postgres::Schema*>{enrichment_schemas().begin(), enrichment_schemas().end()};
        std::ranges::replace(schemas, &enrichment::schema(), &enrichment);
        must(postgres::migrate(owner_, schemas, [](const std::string&) {}));
    }

    Database database_;
    postgres::Connection owner_;
};

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("a customer of before there were realms is who newer events are of") {
    OldDatabase old;
    old.source("hill", "school");
    old.source("lake", "paystack");
    old.source("moor", "paystack");
    // Its events are gone: of the only source.
    old.fact("school", "STU-1");
    // Told apart by where their events came to.
    old.fact("paystack", "CUS_1", "lake");
    old.fact("paystack", "CUS_1", "moor");
    // Of one of two, and nobody knows which.
    old.fact("paystack", "CUS_2");
    old.fact("paystack", "CUS_3");
    old.fact("paystack", "CUS_3", "lake");
    old.fact("adyen", "shopper", "one", "AcmeECOM");
    old.fact("adyen", "nobody", "one");
    old.fact("stripe", "cus_1", "shop", "acct_1");
    old.migrate();
    CHECK(old.facts() == Rows{"adyen nobody source/one", "adyen shopper account/AcmeECOM",
                              "paystack CUS_1 source/lake", "paystack CUS_1 source/moor", "paystack CUS_2",
                              "paystack CUS_3", "paystack CUS_3 source/lake", "school STU-1 source/hill",
                              "stripe cus_1"});
    CHECK(old.customers() == old.facts());
}

TEST_CASE("a customer who is known in a realm already keeps it, from their first event on") {
    OldDatabase old;
    old.source("hill", "school");
    old.fact("school", "STU-1");
    old.run(
        "update enrichment.fact set at = '2026-01-01Z'; "
        "insert into enrichment.customer (tenant, provider, customer, is_test, realm, first_at, last_at, "
        "name) "
        "select tenant, provider, customer, is_test, 'source/hill', '2026-02-01Z', '2026-03-01Z', 'Ada' "
        "from enrichment.customer");
    old.migrate();
    CHECK(old.rows(
              "select concat_ws(' ', realm, name, first_at at time zone 'UTC', last_at at time zone 'UTC') "
              "from enrichment.customer") == Rows{"source/hill Ada 2026-01-01 00:00:00 2026-03-01 00:00:00"});
}

TEST_CASE("who a payer is in the tenant's own system goes with the only one of that number") {
    OldDatabase old;
    old.source("hill", "school");
    old.source("lake", "paystack");
    old.source("moor", "paystack");
    old.fact("paystack", "CUS_1", "lake");
    old.fact("paystack", "CUS_2", "lake");
    old.fact("paystack", "CUS_2", "moor");
    for (const char* payer :
         {"school', 'STU-1", "school', 'STU-2", "paystack', 'CUS_1", "paystack', 'CUS_2", "stripe', 'cus_1"})
        old.run(
            fmt::format("insert into enrichment.reference (tenant, provider, customer, reference, told_by) "
                        "values ('{}', '{}', 'S1', 'operator')",
                        tenant.text(), payer));
    // Somebody waits for being known.
    old.run(fmt::format(
        "insert into enrichment.reference (tenant, provider, customer, realm) "
        "values ('{0}', 'school', 'STU-1', 'source/hill'); "
        "insert into enrichment.reference (tenant, provider, customer, realm, reference, told_by) "
        "values ('{0}', 'school', 'STU-2', 'source/hill', 'S2', 'directory')",
        tenant.text()));
    old.migrate();
    CHECK(old.rows("select concat_ws(' ', provider, customer, nullif(realm, ''), reference) from "
                   "enrichment.reference order by 1") ==
          Rows{"paystack CUS_1 source/lake S1", "paystack CUS_2 S1", "school STU-1 source/hill S1",
               "school STU-2 source/hill S2", "stripe cus_1 S1"});
}
