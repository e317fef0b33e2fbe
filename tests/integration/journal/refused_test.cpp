#include "journal/refused.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using postgres::Transaction;
using test::Journal;
using test::must;

namespace {

std::int64_t kept(const Journal& journal) {
    postgres::Connection owner = test::open(journal.database().owner());
    return owner.execute("select count(*) from journal.refused").only().get<std::int64_t>(0);
}

// The relay, which has taken its reader.
struct Relay {
    explicit Relay(const Journal& journal) : connection{test::open(journal.settings("relay"))} {
        must(journal::register_reader(connection, identity.name));
        take();
    }
    void take() { reader.emplace(must(journal::Reader::take(connection, identity))); }

    Result<void> set_aside(const journal::Refusal& refusal, const journal::ReaderIdentity& as) {
        return transact(connection, [&](Transaction& tx) {
            journal::set_aside(tx, as, refusal);
            reader->move(tx, refusal.entry.after);
        });
    }

    journal::ReaderIdentity identity{.name = "relay", .holder = make_uuid_v4(), .epoch = 1};
    postgres::Connection connection;
    std::optional<journal::Reader> reader;
};

}  // namespace

TEST_CASE("what is set aside is kept with its reason and the reader is past it") {
    Journal journal;
    Relay relay{journal};
    journal.append({1, 2});
    journal.tick();
    const auto batch = must(relay.reader->next(10)).value();
    REQUIRE(batch.entries.size() == 2);
    must(relay.set_aside({.entry = batch.entries[0], .reason = "too large"}, relay.identity));
    postgres::Connection owner = test::open(journal.database().owner());
    const auto row =
        owner.execute("select reader, tenant, topic, event_id, headers::text, reason from journal.refused");
    CHECK(row.only().get<std::string>(0) == "relay");
    CHECK(row.only().get<Uuid>(1) == batch.entries[0].tenant);
    CHECK(row.only().get<std::string>(2) == "raw");
    CHECK(row.only().get<Uuid>(3) == test::event(1));
    CHECK(row.only().is_null(4));
    CHECK(row.only().get<std::string>(5) == "too large");
    relay.take();
    CHECK(test::numbers(must(relay.reader->next(10)).value()) == std::vector<std::int64_t>{2});
}

TEST_CASE("who does not read any more sets nothing aside") {
    Journal journal;
    Relay relay{journal};
    journal.append({1});
    journal.tick();
    const auto batch = must(relay.reader->next(10)).value();
    journal::ReaderIdentity former = relay.identity;
    relay.identity = {.name = "relay", .holder = make_uuid_v4(), .epoch = 2};
    relay.take();
    const auto refused = relay.set_aside({.entry = batch.entries[0], .reason = "late"}, former);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::fenced);
    CHECK(kept(journal) == 0);
}

TEST_CASE("only the relay sets aside and operators see it") {
    Journal journal;
    Relay relay{journal};
    for (const char* const service : {"ingress", "billing", "operator"}) {
        postgres::Connection connection = test::open(journal.settings(service));
        const auto tried = transact(connection, [&](Transaction& tx) {
            journal::set_aside(tx, relay.identity, {.entry = {}, .reason = "mine"});
        });
        REQUIRE_FALSE(tried.has_value());
        CHECK(tried.error().code == ErrorCode::misconfigured);
    }
    postgres::Connection connection = test::open(journal.settings("operator"));
    CHECK(connection.execute("select count(*) from journal.refused").only().get<std::int64_t>(0) == 0);
}
