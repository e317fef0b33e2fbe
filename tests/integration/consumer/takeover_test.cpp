// Members that end, or stop, in the middle of their work: another goes on, and nothing is done twice.
#include <algorithm>
#include <csignal>
#include <set>

#include <catch2/catch.hpp>

#include "support/wait.hpp"
#include "worlds.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

bool says(const ChildProcess& process, const std::string& text) {
    return wait_until([&] { return process.out().contains(text); }, 40s);
}

bool have_effects(const World& world, std::size_t count) {
    return wait_until([&] { return world.effects().size() >= count; }, 40s);
}

}  // namespace

TEMPLATE_TEST_CASE("what a killed member held comes to the next one", "", JournalWorld, KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 20));
    const auto killed = world.process("hold");
    REQUIRE(says(*killed, "holding"));
    killed->signal(SIGKILL);
    CHECK(killed->wait() == 128 + SIGKILL);
    CHECK(world.effects().empty());
    Member next{world.member()};
    REQUIRE(read_until(next, 20));
    CHECK(world.effects() == numbers(1, 20));
}

TEMPLATE_TEST_CASE("members that are killed at their work have done each thing once", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    int published = 0;
    for (int kill = 0; kill < 3; ++kill) {
        const auto process = world.process("work");
        world.publish(numbered(published + 1, published + 200));
        published += 200;
        REQUIRE(have_effects(world, static_cast<std::size_t>(published - 199 + kill * 40)));
        process->signal(SIGKILL);
        process->wait();
    }
    Member last{world.member()};
    REQUIRE(read_until({&last}, [&] { return world.effects().size() >= 600; }));
    CHECK(world.effects() == numbers(1, 600));
}

TEMPLATE_TEST_CASE("a member that was stopped, and whose part another took, changes nothing", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 20));
    const auto stopped = world.process("hold");
    REQUIRE(says(*stopped, "holding"));
    stopped->signal(SIGSTOP);
    Member next{world.member()};
    REQUIRE(read_until(next, 20));
    world.let_go();
    stopped->signal(SIGCONT);
    CHECK(says(*stopped, "refused: "));
    CHECK(world.effects() == numbers(1, 20));
    // And it takes its part again when there is work for it.
    world.publish(numbered(21, 30));
    CHECK(read_until({&next}, [&] { return world.effects().size() >= 30; }));
    CHECK(world.effects() == numbers(1, 30));
}

TEMPLATE_TEST_CASE("when a member leaves another goes on at once", "", JournalWorld, KafkaWorld) {
    TestType world;
    auto first = std::make_unique<Member>(world.member());
    Member second{world.member()};
    world.publish(numbered(1, 10));
    REQUIRE(read_until({first.get(), &second}, [&] { return world.effects().size() >= 10; }));
    const auto began = std::chrono::steady_clock::now();
    first.reset();
    world.publish(numbered(11, 20));
    REQUIRE(read_until({&second}, [&] { return world.effects().size() >= 20; }));
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    CHECK(world.effects() == numbers(1, 20));
}

TEMPLATE_TEST_CASE("a connection that is cut is made again, and nothing is lost or done twice", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 50));
    Member member{world.member()};
    postgres::Connection owner = open(world.owner());
    for (std::size_t round = 1; round <= 5; ++round) {
        REQUIRE(wait_until(
            [&] {
                static_cast<void>(member.read(3));
                return world.effects().size() >= round * 9;
            },
            40s));
        const auto batch = member.poll(3);
        owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and usename = 'tollgate_test_service'");
        // Which may be too late for this one.
        if (batch) static_cast<void>(member.commit(*batch));
    }
    REQUIRE(read_until({&member}, [&] { return world.effects().size() >= 50; }));
    CHECK(world.effects() == numbers(1, 50));
}

TEMPLATE_TEST_CASE("a consumer that lies still delays no other", "", JournalWorld, KafkaWorld) {
    TestType world;
    Member slow{world.member()};
    Member quick{world.another_consumer()};
    world.publish(numbered(1, 50));
    const consumer::Batch held = poll_some(slow, 1);
    REQUIRE(read_until(quick, 50));
    CHECK(values(quick.taken) == numbers(1, 50));
    // Its own messages wait for it.
    REQUIRE(slow.commit(held).has_value());
    REQUIRE(read_until(slow, 50));
    CHECK(values(slow.taken) == numbers(1, 50));
}
