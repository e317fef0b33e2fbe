#include "archive/events.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "archive/days.hpp"
#include "fixtures.hpp"

using namespace tollgate;
using archive::Event;
using postgres::Transaction;
using test::Archive;
using test::event;
using test::id_at;
using test::midnight;
using test::must;

namespace {

std::vector<Uuid> ids_of(const std::vector<Event>& events) {
    std::vector<Uuid> ids;
    for (const Event& one : events) ids.push_back(one.id);
    return ids;
}

using Names = std::set<std::string>;

Names names(const postgres::Rows& rows) {
    Names found;
    for (const postgres::Row row : rows) found.insert(row.get<std::string>(0));
    return found;
}

Names days_locked_by(Transaction& tx) {
    return names(
        tx.execute("select c.relname from pg_locks l join pg_class c on c.oid = l.relation "
                   "where l.pid = pg_backend_pid() and c.relkind = 'r' and c.relname like 'event\\_%'"));
}

// Perhaps also by those before it on the same connection.
Names days_looked_into_by(Transaction& tx) {
    return names(
        tx.execute("select relname from pg_stat_xact_user_tables "
                   "where relname like 'event\\_%' and seq_scan + idx_scan > 0"));
}

}  // namespace

TEST_CASE("an event comes back as it was written") {
    Archive archive;
    const Event full = event(make_uuid_v7());
    Event bare{.id = make_uuid_v7(),
               .tenant = make_uuid_v7(),
               .source = "shop",
               .provider = "generic",
               .type = "ping"};
    Event large = event(make_uuid_v7());
    for (int i = 0; i < 40'000; ++i) large.body += fmt::format("{{\"n\":{}}},", i);
    must(archive.write({full, bare, large}));
    CHECK(must(archive.read({full.id, bare.id, large.id})) == std::vector{full, bare, large});
}

TEST_CASE("an event is written once, and with those of its statement or not at all") {
    Archive archive;
    const Event first = event(make_uuid_v7());
    const Event second = event(make_uuid_v7());
    must(archive.write({first}));
    const auto again = archive.write({second, first});
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == ErrorCode::bad_data);
    CHECK(must(archive.read({first.id, second.id})) == std::vector{first});
}

TEST_CASE("events come in the order asked, and what is not there is left out") {
    Archive archive;
    std::vector<Event> written;
    for (int i = 0; i < 1000; ++i) {
        written.push_back(event(id_at(midnight(i % 3 - 1) + std::chrono::minutes{i})));
        written.back().body = std::to_string(i);
    }
    must(archive.write(written));
    std::vector<Event> asked{written[700], written[3], written[999], written[700], written[0]};
    CHECK(must(archive.read(ids_of(asked))) == asked);
    std::ranges::reverse(written);
    CHECK(must(archive.read(ids_of(written))) == written);

    Uuid beyond;
    beyond.bytes.fill(0xFF);
    CHECK(must(archive.read({Uuid{}, written[5].id, make_uuid_v4(), make_uuid_v7(), beyond,
                             written[2].id})) == std::vector{written[5], written[2]});
    CHECK(must(archive.read({beyond, Uuid{}})).empty());
    CHECK(must(archive.read({})).empty());
    must(archive.write({}));
}

TEST_CASE("reading looks only into the days of the ids") {
    Archive archive;
    const Uuid yesterday = id_at(midnight() - std::chrono::milliseconds{1});
    const Uuid today = id_at(midnight());
    const Uuid later = id_at(midnight(5));
    auto request = test::events_of_request({id_at(midnight(2)), id_at(midnight(3) - std::chrono::seconds{1})},
                                           "ab", {{0, 1}, {1, 1}});
    must(archive.write({event(yesterday), event(today), event(later), request[0], request[1]}));
    const auto day = [](int from_today) { return test::expected_day(from_today).table; };
    postgres::Connection connection = test::open(archive.settings("relay"));
    // More often than Postgres takes to settle for one plan of a prepared statement.
    for (int i = 0; i < 20; ++i) {
        CAPTURE(i);
        Transaction tx{connection};
        CHECK(archive::read(tx, std::vector{today}).size() == 1);
        CHECK(days_locked_by(tx) == Names{day(0)});
        CHECK(archive::read(tx, std::vector{yesterday}).size() == 1);
        CHECK(days_locked_by(tx) == Names{day(-1), day(0)});
        CHECK(archive::read(tx, std::vector{request[1].id}).size() == 1);
        CHECK(days_locked_by(tx) == Names{day(-1), day(0), day(2)});
    }
    // Of those between, none is looked into.
    postgres::Connection another = test::open(archive.settings("relay"));
    Transaction tx{another};
    CHECK(archive::read(tx, std::vector{later, request[1].id, yesterday}).size() == 3);
    CHECK(days_looked_into_by(tx) == Names{day(-1), day(2), day(5)});
}

TEST_CASE("headers and bodies are compressed with lz4 in every day") {
    Archive archive;
    postgres::Connection ingress = test::open(archive.settings());
    must(archive::make_days(ingress, 8));
    postgres::Connection owner = test::open(archive.owner());
    const auto columns = owner.execute(
        "select count(*) from pg_attribute a join pg_inherits i on i.inhrelid = a.attrelid "
        "where i.inhparent = 'archive.event'::regclass and a.attname in ('headers', 'body') "
        "and a.attcompression = 'l'");
    CHECK(columns.only().get<std::int64_t>(0) == 2 * 10);
    for (const int day : {0, 8}) {
        Event large = event(id_at(midnight(day)));
        large.body = std::string(20'000, 'a');
        large.headers = std::string(20'000, 'b');
        must(archive.write({large}));
        const auto stored = owner.execute(
            "select pg_column_compression(body), pg_column_compression(headers) from archive.event "
            "where id = $1",
            large.id);
        CHECK(stored.only().as<std::string, std::string>() == std::tuple{"lz4", "lz4"});
    }
}
