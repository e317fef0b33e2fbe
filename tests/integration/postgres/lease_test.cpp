#include "postgres/lease.hpp"

#include <catch2/catch.hpp>

#include "support/database.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::postgres;
using std::chrono::milliseconds;

namespace {

const Schema* const schemas[] = {&postgres::schema()};

// So long that none lapses under a test's feet on a slow machine, but looked after often.
constexpr std::chrono::minutes long_lease{10};

LeaseSettings lively(const char* name) {
    return {
        .name = name, .length = long_lease, .renew_every = milliseconds{50}, .look_every = milliseconds{20}};
}

}  // namespace

TEST_CASE("one process holds a lease and another takes over at once after a clean stop") {
    const test::Database database{schemas};
    std::optional<Lease> first{std::in_place, database.service("relay"), lively("duty"), make_uuid_v4()};
    REQUIRE(first->wait_until_held({}) == 1);
    Lease second{database.service("relay"), lively("duty"), make_uuid_v4()};
    CHECK(test::wait_until([&] { return first->epoch().has_value(); }));
    CHECK_FALSE(second.epoch().has_value());
    first.reset();
    CHECK(second.wait_until_held({}) == 2);
}

TEST_CASE("a lease that nobody renews is taken with the next epoch and the old holder learns of it") {
    const test::Database database{schemas};
    auto opened = Connection::open(database.service("relay"));
    REQUIRE(opened.has_value());
    Connection& asleep = *opened;
    const Uuid sleeper = make_uuid_v4();
    const auto take = [&](const Uuid& holder) {
        return asleep
            .execute("select tollgate.lease_take($1, $2, $3)", "duty", holder, milliseconds{long_lease})
            .only()
            .get<std::optional<std::int64_t>>(0);
    };
    const auto renew = [&](const Uuid& holder, std::int64_t epoch, milliseconds length) {
        return asleep.execute("select tollgate.lease_renew($1, $2, $3, $4)", "duty", holder, epoch, length)
            .only()
            .get<bool>(0);
    };
    REQUIRE(take(sleeper) == 1);
    CHECK(renew(sleeper, 1, long_lease));
    CHECK_FALSE(take(make_uuid_v4()).has_value());

    // The last renewal is a short one and then lapses; the other takes over when it does.
    REQUIRE(renew(sleeper, 1, milliseconds{150}));
    Lease other{database.service("relay"), lively("duty"), make_uuid_v4()};
    REQUIRE(other.wait_until_held({}) == 2);
    CHECK_FALSE(renew(sleeper, 1, long_lease));
    CHECK_FALSE(take(sleeper).has_value());
}

TEST_CASE("a stop ends the wait for a lease that somebody else holds") {
    const test::Database database{schemas};
    Lease first{database.service("relay"), lively("duty"), make_uuid_v4()};
    REQUIRE(first.wait_until_held({}).has_value());
    Lease second{database.service("relay"), lively("duty"), make_uuid_v4()};
    std::stop_source stop;
    std::jthread stopper{[&] { stop.request_stop(); }};
    CHECK_FALSE(second.wait_until_held(stop.get_token()).has_value());
}

TEST_CASE("a lease survives the loss of its connection") {
    const test::Database database{schemas};
    ConnectionSettings settings = database.service("relay");
    settings.application_name = "lease-under-test";
    Lease lease{settings, lively("duty"), make_uuid_v4()};
    REQUIRE(lease.wait_until_held({}) == 1);
    auto other = Connection::open(database.owner());
    REQUIRE(other.has_value());
    const auto backend = [&] {
        const auto rows =
            other->execute("select pid from pg_stat_activity where application_name = 'lease-under-test'");
        return rows.empty() ? 0 : rows[0].get<std::int32_t>(0);
    };
    const std::int32_t before = backend();
    // The owner may not end another login's backend; the login itself may.
    auto same_login = Connection::open(database.service("relay"));
    REQUIRE(same_login.has_value());
    same_login->execute_script(fmt::format("reset role; select pg_terminate_backend({})", before));
    CHECK(test::wait_until([&] { return backend() != 0 && backend() != before; }));
    CHECK(test::wait_until([&] { return lease.epoch() == 1; }));
}
