// The promises that the README makes, each in both ways of running the product.
#include <csignal>
#include <map>

#include <catch2/catch.hpp>

#include "support/wait.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

std::set<std::string> ids_taken(const std::vector<SenderAnswer>& answers) {
    std::set<std::string> ids;
    for (const SenderAnswer& each : answers) {
        if (each.status == 200) ids.insert(each.event_id);
    }
    return ids;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::string list_of(const std::set<std::string>& ids) {
    return fmt::format("'{}'", fmt::join(ids, "','"));
}

void check_books(const World& world) {
    const Ran audit = world.clean_audit();
    INFO(audit.out);
    CHECK(audit.code == 0);
}

// Ingress is killed again and again while vendors send until each event was taken.
void a_200_means_committed(Way way) {
    World world{way};
    constexpr int each = 60;
    std::vector<std::unique_ptr<ChildProcess>> senders;
    for (const std::string& vendor : vendors)
        senders.push_back(world.start_sending({.vendor = vendor, .last = each, .until_taken = true}));
    for (std::int64_t kills = 1; kills <= 4; ++kills) {
        // Some way on from the last one, so that each hits work that is under way.
        REQUIRE(wait_until([&] { return world.number("select count(*) from archive.event") >= 50 * kills; },
                           60s));
        world.kill_ingress();
        world.start_ingress();
    }
    std::set<std::string> taken;
    for (const auto& each_sender : senders) taken.merge(ids_taken(world.answers(*each_sender)));
    const int events = each * static_cast<int>(vendors.size());
    CHECK(taken.size() == static_cast<std::size_t>(events));
    CHECK(world.number("select count(*) from archive.event where id in (" + list_of(taken) + ")") == events);
    world.check_settled(events, each * static_cast<int>(payers.size()));
}

// Vendors repeat themselves, everything is killed and started again, an operator has things done over.
void once(Way way) {
    World world{way};
    constexpr int each = 10;
    std::map<std::string, std::set<std::string>> taken;
    for (int round = 0; round < 3; ++round) {
        for (const std::string& vendor : vendors)
            taken[vendor].merge(ids_taken(world.send({.vendor = vendor, .last = each, .each = 2})));
        world.stop(round == 1 ? SIGKILL : SIGTERM);
        world.start();
    }
    // One event, one id, however often it comes.
    for (const auto& [vendor, ids] : taken) CHECK(ids.size() == each);
    const int events = each * static_cast<int>(vendors.size());
    const int payments = each * static_cast<int>(payers.size());
    world.check_settled(events, payments);
    const std::string again = *taken.at("stripe").begin();
    for (const std::string consumer : {"enrichment", "billing", "delivery"}) {
        const Ran redone =
            world.shell("redo --execute --id " + again + " --consumer " + consumer + " --reason test");
        INFO(redone.err);
        CHECK(redone.code == 0);
    }
    REQUIRE(wait_until([&] { return world.number("select count(*) from consumer.work") == 0; }, 60s));
    world.check_settled(events, payments);
    CHECK(world.shell("ledger check --all-tenants").code == 0);
    // What was under way to Slack when all was killed may be unknown, and is then said again, and marked.
    const auto unknown = world.number("select count(*) from delivery.attempt where outcome = 'unknown'");
    CHECK(std::ssize(world.told()) <= payments + unknown);
}

void nothing_unverified_passes(Way way) {
    World world{way};
    for (const std::string& vendor : vendors) {
        CAPTURE(vendor);
        const auto refused = [&](const Sending& sending) {
            for (const SenderAnswer& answer : world.send(sending)) CHECK(answer.status == 401);
        };
        refused({.vendor = vendor, .last = 2, .tamper = true});
        refused({.vendor = vendor, .secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"});
    }
    CHECK(world.number("select count(*) from archive.event") == 0);
    // And it is not that nothing passes at all.
    for (const std::string& vendor : vendors) CHECK(world.send({.vendor = vendor}).front().status == 200);
    world.check_settled(static_cast<int>(vendors.size()), static_cast<int>(payers.size()));
}

// Of every event and consumer there is one state, and the books say so.
void nothing_vanishes(Way way) {
    World world{way};
    for (const std::string& vendor : vendors) world.send({.vendor = vendor, .last = 4});
    const int events = 4 * static_cast<int>(vendors.size());
    world.check_settled(events, 4 * static_cast<int>(payers.size()));
    check_books(world);
    std::istringstream stored{world.shell("event list --tenant acme --limit 100 --json").out};
    int told = 0;
    for (std::string line; std::getline(stored, line); ++told) {
        const Ran story = world.shell("event show " + json_text(line, "event_id"));
        for (const std::string consumer : {"enrichment", "billing", "delivery"})
            CHECK_THAT(story.out, Catch::Contains(consumer + ": done"));
    }
    CHECK(told == events);

    // What Slack refuses for good is dead, named, and given up by somebody who says why.
    world.slack.refuse("payments", "no_service", 1000);
    world.send({.vendor = "stripe", .first = 5, .last = 5});
    const auto dead = [&] {
        return world.shell("delivery list --tenant acme --state dead --json").out +
               world.shell("delivery list --tenant acme --state waiting --json").out;
    };
    REQUIRE(wait_until([&] { return dead().contains("\"delivery\""); }, 60s));
    const Ran discarded = world.shell("delivery discard " + json_text(first_line(dead()), "delivery") +
                                      " --reason told-by-hand");
    INFO(dead() + discarded.err);
    REQUIRE(discarded.code == 0);
    CHECK_THAT(world.shell("audit log --tenant acme --json").out,
               Catch::Contains("delivery discard") && Catch::Contains("told-by-hand"));
    check_books(world);
}

// Slack stands still for one channel, and with it nothing else does.
void outages_are_absorbed(Way way) {
    const auto broker = way == Way::with_kafka ? std::make_shared<OwnBroker>() : nullptr;
    World world{way, broker};
    world.make_channel("slow", "acme");
    world.slack.delay("slow", 3s);
    // Postgres alone has no broker to lose: there it is the consumers that go.
    if (broker) {
        broker->stop();
    } else {
        world.stop(SIGTERM);
        world.start_ingress_apart();
    }
    const auto answers = world.send({.vendor = "stripe", .last = 20});
    CHECK(ids_taken(answers).size() == 20);
    CHECK(world.number("select count(*) from consumer.inbox") == 0);
    if (broker) {
        broker->start();
    } else {
        world.stop(SIGTERM);
        world.start();
    }
    // Twenty messages at three seconds each are still on their way to the other channel.
    REQUIRE(wait_until(
        [&] {
            return world.told().size() == 20 &&
                   world.number("select count(*) from billing.payment where status = 'succeeded'") == 20;
        },
        90s));
    CHECK(world.slack.calls("slow").size() < 20);
    REQUIRE(wait_until(
        [&] {
            return world.number("select count(*) from delivery.delivery where state = 'delivered'") == 40;
        },
        90s));

    world.slack.refuse("payments", "rollup_error", 3);
    CHECK(ids_taken(world.send({.vendor = "stripe", .first = 21, .last = 22})).size() == 2);
    REQUIRE(wait_until(
        [&] {
            return world.number("select count(*) from delivery.delivery where state = 'delivered'") == 44;
        },
        90s));
}

// The same events of the same vendor, of two tenants.
void tenants_are_apart(Way way) {
    World world{way};
    world.make_tenant("bolt", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    world.make_channel("bolts", "bolt");
    std::set<std::string> ids;
    for (const std::string tenant : {"acme", "bolt"}) {
        for (const std::string& vendor : vendors) {
            for (const SenderAnswer& answer : world.send({.vendor = vendor, .last = 2, .tenant = tenant})) {
                CHECK(answer.status == 200);
                CHECK_FALSE(answer.duplicate);
                ids.insert(answer.event_id);
            }
        }
    }
    const int each = 2 * static_cast<int>(vendors.size());
    CHECK(ids.size() == static_cast<std::size_t>(2 * each));
    world.check_settled(2 * each, 4 * static_cast<int>(payers.size()));
    CHECK(world.told().size() == world.slack.calls("bolts").size());
    // With the other's secret nobody gets in.
    CHECK(world
              .send({.vendor = "stripe",
                     .first = 9,
                     .last = 9,
                     .secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"})
              .front()
              .status == 401);

    const auto of_bolt = world.shell.as("bob", "--role operator --tenant bolt");
    CHECK_THAT(world.shell("event list --tenant bolt --json", of_bolt).out, Catch::Contains("evt_1"));
    CHECK(world.shell("event list --tenant acme", of_bolt).code != 0);
    const std::string of_acme =
        json_text(first_line(world.shell("event list --tenant acme --json").out), "event_id");
    for (const std::string verb : {"event show ", "event body "}) {
        const Ran ran = world.shell(verb + of_acme, of_bolt);
        CHECK(ran.code != 0);
        CHECK(ran.out.empty());
    }
}

}  // namespace

TEST_CASE("a 200 means committed: alone on Postgres") {
    a_200_means_committed(Way::alone);
}
TEST_CASE("a 200 means committed: with Kafka") {
    a_200_means_committed(Way::with_kafka);
}
TEST_CASE("once: alone on Postgres") {
    once(Way::alone);
}
TEST_CASE("once: with Kafka") {
    once(Way::with_kafka);
}
TEST_CASE("nothing unverified passes: alone on Postgres") {
    nothing_unverified_passes(Way::alone);
}
TEST_CASE("nothing unverified passes: with Kafka") {
    nothing_unverified_passes(Way::with_kafka);
}
TEST_CASE("nothing vanishes: alone on Postgres") {
    nothing_vanishes(Way::alone);
}
TEST_CASE("nothing vanishes: with Kafka") {
    nothing_vanishes(Way::with_kafka);
}
TEST_CASE("outages are absorbed: alone on Postgres") {
    outages_are_absorbed(Way::alone);
}
TEST_CASE("outages are absorbed: with Kafka") {
    outages_are_absorbed(Way::with_kafka);
}
TEST_CASE("tenants are apart: alone on Postgres") {
    tenants_are_apart(Way::alone);
}
TEST_CASE("tenants are apart: with Kafka") {
    tenants_are_apart(Way::with_kafka);
}
