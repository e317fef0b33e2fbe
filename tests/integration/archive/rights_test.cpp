#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using test::Archive;

namespace {

bool may(const Archive& archive, const std::string& service, const std::string& sql) {
    postgres::Connection connection = test::open(archive.settings(service));
    const auto done = transact(connection, [&](postgres::Transaction& tx) { tx.execute(sql); });
    if (!done) CHECK_THAT(done.error().detail, Catch::Contains("42501"));
    return done.has_value();
}

}  // namespace

TEST_CASE("each service may do to the archive what its work needs, and no more") {
    Archive archive;
    const std::string day = "archive." + test::expected_day(0).table;
    const std::string row = fmt::format(
        " (id, tenant, source, provider, type, headers, body) values ('{}', '{}', 's', 'p', 't', '', '')",
        make_uuid_v7(), make_uuid_v7());
    const std::string id = "'" + make_uuid_v7().text() + "'";
    struct Service {
        const char* name;
        bool writes, reads, makes_days, makes_day_of;
    };
    for (const auto& service :
         {Service{"ingress", true, false, true, true}, Service{"relay", false, true, true, false},
          Service{"enrichment", false, true, true, false}, Service{"billing", false, false, true, false},
          Service{"delivery", false, false, true, false}, Service{"console", false, false, false, false},
          Service{"operator", false, false, false, false}}) {
        CAPTURE(service.name);
        const auto allowed = [&](const std::string& sql) { return may(archive, service.name, sql); };
        CHECK(allowed("insert into archive.event" + row) == service.writes);
        CHECK(allowed("select body from archive.event") == service.reads);
        CHECK(allowed("select archive.make_days(7)") == service.makes_days);
        CHECK(allowed("select archive.make_day_of(" + id + ")") == service.makes_day_of);
        CHECK_FALSE(allowed("update archive.event set type = 'x'"));
        CHECK_FALSE(allowed("delete from archive.event"));
        CHECK_FALSE(allowed("truncate archive.event"));
        CHECK_FALSE(allowed("lock table archive.event in share update exclusive mode"));
        CHECK_FALSE(allowed("select archive.make_day(current_date)"));
        CHECK_FALSE(allowed("drop table " + day));
        CHECK_FALSE(allowed("select body from " + day));
        CHECK_FALSE(allowed("insert into " + day + row));
        CHECK_FALSE(allowed("create table archive.mine (n integer)"));
    }
}

TEST_CASE("what runs with the owner's rights looks nowhere else for names") {
    Archive archive;
    const auto open_ones =
        test::open(archive.owner())
            .execute(
                "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = "
                "p.pronamespace "
                "where n.nspname = 'archive' and (p.proconfig is null or not 'search_path=pg_catalog, "
                "pg_temp' "
                "= any (p.proconfig) or has_function_privilege('public', p.oid, 'execute'))");
    CHECK(open_ones.empty());
}
