// When a destination is left alone: after failures of its own, one after the other.
#include <catch2/catch.hpp>

#include "delivery/settling.hpp"
#include "integration/delivery/quick_world.hpp"
#include "integration/delivery/scripted_channel.hpp"
#include "integration/tenants/fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

namespace {

const Outcome trouble{.kind = OutcomeKind::retry, .reason = "Slack has trouble", .after = 0s};
const Outcome arrived{.kind = OutcomeKind::delivered};
constexpr const char* const breaker =
    "select failures || ' ' || opened || ' ' || case when open_until is null then 'closed' else 'open' end "
    "from delivery.lane";

// As the sender does it, without calling anybody: so many are under way together and end in the order of
// their outcomes.
Settled send_together(QuickWorld& world, const std::vector<Outcome>& outcomes) {
    world.make_due();
    world.end_pauses();
    postgres::Connection connection = open(world.delivery());
    const auto count = static_cast<std::int32_t>(outcomes.size());
    std::vector<Ended> ended;
    must(transact(connection, [&](postgres::Transaction& tx) {
        for (const Claimed& each : claim(tx, make_uuid_v4(), {.most = count, .lane_most = count})) {
            ended.push_back({.attempt = each.attempt,
                             .tenant = each.tenant,
                             .destination = each.destination,
                             .outcome = outcomes.at(ended.size()),
                             .headline = "x"});
        }
    }));
    REQUIRE(ended.size() == outcomes.size());
    return settle(connection, ended, {.backoff = {.base = 1ms}, .build = "test"});
}

std::vector<Handed> failures(int count) {
    std::vector<Handed> all;
    for (int i = 0; i < count; ++i) all.push_back(failed(fmt::format("in_{}", i)));
    return all;
}

}  // namespace

TEST_CASE("calls that were under way together when a destination went away open its breaker once") {
    QuickWorld world;
    world.plan(failures(9));
    send_together(world, std::vector<Outcome>(9, trouble));
    CHECK(world.rows(breaker) == Texts{"5 1 open"});
    send_together(world, {trouble});
    CHECK(world.rows(breaker) == Texts{"6 2 open"});
    send_together(world, {arrived});
    CHECK(world.rows(breaker) == Texts{"0 0 closed"});
}

TEST_CASE("failures with others in between that went well do not open the breaker") {
    QuickWorld world;
    world.plan(failures(9));
    send_together(world, {trouble, trouble, arrived, trouble, trouble, trouble, arrived, trouble, trouble});
    CHECK(world.rows(breaker) == Texts{"2 0 closed"});
    CHECK(world.in_state("delivered") == 2);
}

TEST_CASE("a call that was never made says nothing of its destination") {
    QuickWorld world;
    ScriptedChannel channel;
    delivery::SenderSettings settings = sender_settings(world);
    // As if it were stopped before each call.
    settings.lease = 10s;
    settings.call_timeout = 10s;
    RunningSender sender{settings, channel};
    world.plan({failed("in_1")});
    REQUIRE(wait_until([&] {
        return world.rows("select (count(*) >= 6)::text from delivery.attempt where code = 'not_called'") ==
               Texts{"true"};
    }));
    CHECK(world.rows(breaker) == Texts{"0 0 closed"});
    CHECK(channel.calls() == 0);
}

TEST_CASE("that a breaker opens and closes, and that a destination breaks, is told with the outcomes") {
    QuickWorld world;
    const auto change_by = [&](const Outcome& outcome) {
        const Settled settled = send_together(world, {outcome});
        return settled.changes.empty()
                   ? std::string{"nothing"}
                   : fmt::format("{} of {}", static_cast<int>(settled.changes.front().what),
                                 settled.changes.front().now.destination_slug);
    };
    world.plan({failed("in_1"), failed("in_2")});
    for (int i = 0; i < 4; ++i) CHECK(change_by(trouble) == "nothing");
    CHECK(change_by(trouble) == "0 of payments");
    CHECK(change_by(trouble) == "nothing");
    CHECK(change_by(arrived) == "1 of payments");
    CHECK(change_by({.kind = OutcomeKind::reconnect, .reason = "revoked"}) == "2 of payments");
}
