// What the keeper leaves alone, on a server where nobody else is: elsewhere any transaction that was open
// when a tick was written may be a reason for another.
#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/postgres_server.hpp"

using namespace tollgate;
using test::must;
using test::OpenTransaction;

TEST_CASE("a tick is written when a transaction ends that may have appended, and not for others") {
    const test::PostgresServer server{{"autovacuum=off"}};
    const auto settings = test::migrate(server, "ingress");
    postgres::Connection connection = test::open(settings);
    auto tenure = must(journal::Tenure::begin(connection, make_uuid_v4(), 1));
    OpenTransaction appended{settings};
    appended.append({1});
    OpenTransaction unrelated{settings};
    unrelated.take_xid();
    CHECK(must(tenure.tick_if_due()));
    appended.commit();
    CHECK(must(tenure.tick_if_due()));
    // At most one more for what was open meanwhile; then none, whatever else ends.
    unrelated.commit();
    must(tenure.tick_if_due());
    for (int i = 0; i < 5; ++i) {
        OpenTransaction other{settings};
        other.take_xid();
        other.commit();
        CHECK_FALSE(must(tenure.tick_if_due()));
    }

    // A log that lies idle is rotated once, and then left alone.
    CHECK(must(tenure.tidy({.child_bytes_max = 0})).rotated);
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(must(tenure.tidy({.child_bytes_max = 0})).rotated);
        CHECK_FALSE(must(tenure.tick_if_due()));
    }
}
