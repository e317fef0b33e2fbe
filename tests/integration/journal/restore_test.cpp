#include "journal/restore.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/child_process.hpp"
#include "support/postgres_server.hpp"

using namespace tollgate;
using test::Database;
using test::must;
using test::OpenTransaction;
using test::TestReader;
using Numbers = std::vector<std::int64_t>;

namespace {

constexpr const char* names[] = {"billing", "delivery", "enrichment", "relay"};

// What an operator types to move a database to another server.
void dump_and_restore(const Secret& from, const Secret& to) {
    test::ChildProcess moved{
        "/bin/sh",
        {"-c",
         R"(set -e; pg_dump "$0" >"$2"; psql -X -q -v ON_ERROR_STOP=1 -f "$2" "$1" >/dev/null; rm "$2")",
         from.reveal(), to.reveal(), "/tmp/tollgate-dump-" + make_uuid_v4().text()}};
    if (moved.wait(std::chrono::seconds{60}) != 0) throw std::runtime_error{moved.err()};
}

journal::Tenure begin_tenure(postgres::Connection& connection, std::int64_t epoch) {
    return must(journal::Tenure::begin(connection, make_uuid_v4(), epoch));
}

void check_refused(const postgres::ConnectionSettings& settings) {
    postgres::Connection connection = test::open(settings);
    const auto tenure = journal::Tenure::begin(connection, make_uuid_v4(), 100);
    REQUIRE_FALSE(tenure.has_value());
    CHECK(tenure.error().code == ErrorCode::misconfigured);
    CHECK_THAT(tenure.error().detail, Catch::Contains("run `tollgate migrate`"));
    const auto reader =
        journal::Reader::take(connection, {.name = "billing", .holder = make_uuid_v4(), .epoch = 100});
    REQUIRE_FALSE(reader.has_value());
    CHECK(reader.error().code == ErrorCode::misconfigured);
}

void start_anew(const postgres::ConnectionSettings& owner) {
    postgres::Connection connection = test::open(owner);
    CHECK(must(journal::start_anew_if_restored(connection)));
    CHECK_FALSE(must(journal::start_anew_if_restored(connection)));
}

// Leaves each reader at another place: billing has read all, delivery up to 4, enrichment 7 in the middle of
// a tick's page, and relay nothing.
void fill(const postgres::ConnectionSettings& settings) {
    postgres::Connection connection = test::open(settings);
    journal::Tenure tenure = begin_tenure(connection, 1);
    for (const char* name : names) must(journal::register_reader(connection, name));
    TestReader billing{settings, "billing", 1};
    TestReader delivery{settings, "delivery", 1};
    TestReader enrichment{settings, "enrichment", 1};
    OpenTransaction late{settings};
    late.append({5});
    test::append(settings, {1, 2});
    must(tenure.tick_if_due());
    test::append(settings, {3});
    test::append(settings, {4});
    must(tenure.tick_if_due());
    CHECK(delivery.read_all() == Numbers{1, 2, 3, 4});
    late.commit();
    test::append(settings, {6});
    test::append(settings, {7, 8, 9});
    must(tenure.tick_if_due());
    CHECK(billing.read_all() == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9});
    for (int i = 0; i < 7; ++i) CHECK(enrichment.read(1) == Numbers{i + 1});
    // Committed, and in no tick when the server goes.
    test::append(settings, {10});
}

void check_each_goes_on(const postgres::ConnectionSettings& settings, const Numbers& appended) {
    postgres::Connection connection = test::open(settings);
    journal::Tenure tenure = begin_tenure(connection, 2);
    std::map<std::string, Numbers> expected{{"billing", {}},
                                            {"delivery", {5, 6, 7, 8, 9}},
                                            {"enrichment", {8, 9}},
                                            {"relay", {1, 2, 3, 4, 5, 6, 7, 8, 9}}};
    for (auto& [name, numbers] : expected) {
        for (const std::int64_t number : appended) numbers.push_back(number);
        CAPTURE(name);
        TestReader reader{settings, name, 2};
        CHECK(reader.read_all(4) == numbers);
    }
    test::append(settings, {99});
    must(tenure.tick_if_due());
    for (const char* name : names) {
        TestReader reader{settings, name, 3};
        CHECK(reader.read_all() == Numbers{99});
    }
    // What was kept for them is emptied as ever.
    must(tenure.tidy({.child_bytes_max = 0}));
    for (const char* name : names) TestReader{settings, name, 4}.read_all();
    CHECK(must(tenure.tidy({.child_bytes_max = 0})).emptied == 1);
}

}  // namespace

TEST_CASE("a dump that was restored on another server is refused, and after migrate each reader goes on") {
    const Database from{test::journal_schemas};
    fill(test::patient(from.service("ingress")));

    // A young server: it counts its transactions from far below.
    const test::PostgresServer server;
    {
        postgres::Connection owner = test::open({.url = server.url()});
        owner.execute_script(
            "do $$ declare service text; begin "
            "foreach service in array array['ingress', 'relay', 'enrichment', 'billing', 'delivery', "
            "'console', "
            "'operator'] loop execute format('create role tollgate_%s', service); end loop; end $$; "
            "create role services login noinherit");
        must(postgres::grant_roles(owner, "services"));
    }
    dump_and_restore(from.owner().url, server.url());
    const auto settings = test::patient({.url = server.url("app", "services"), .role = "tollgate_ingress"});
    check_refused(settings);
    // Ingress goes on all the same.
    test::append(settings, {11, 12});
    start_anew({.url = server.url()});
    check_each_goes_on(settings, {10, 11, 12});

    // And back, to a server that has counted further.
    const Database back;
    {
        const Database roles{test::journal_schemas};  // the login of the services is made with it
    }
    dump_and_restore(server.url(), back.owner().url);
    check_refused(back.service("ingress"));
    start_anew(back.owner());
    postgres::Connection connection = test::open(back.service("ingress"));
    journal::Tenure tenure = begin_tenure(connection, 3);
    test::append(back.service("ingress"), {100});
    must(tenure.tick_if_due());
    for (const char* name : names) {
        TestReader reader{back.service("billing"), name, 5};
        CHECK(reader.read_all() == Numbers{100});
    }
}

TEST_CASE("a copy of a database on the same server is refused until it is migrated") {
    const Database from{test::journal_schemas};
    fill(test::patient(from.service("ingress")));
    const std::string copy = from.name() + "_copy";
    postgres::Connection administers = test::open({.url = test::server_url()});
    administers.execute_script(fmt::format("create database {} template {}", copy, from.name()));
    postgres::ConnectionSettings settings = from.service("ingress");
    std::string url = settings.url.reveal();
    settings.url = Secret{url.replace(url.find(from.name()), from.name().size(), copy)};
    check_refused(settings);
    start_anew({.url = test::url_for(copy)});
    check_each_goes_on(test::patient(settings), {10});
    administers.execute_script("drop database " + copy + " with (force)");
}
