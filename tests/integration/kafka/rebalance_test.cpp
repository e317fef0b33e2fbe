#include <thread>

#include <catch2/catch.hpp>

#include "integration/kafka/member.hpp"
#include "kafka/producer.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"
#include "unit/kafka/small_relay.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;

TEST_CASE("a second member takes a part and leaves the rest in peace") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(4);
    const std::string name = broker.group_name();
    Member first{Member::settings(broker, name, topic)};
    REQUIRE(poll_until({&first}, [&] { return first.owned.size() == 4; }));
    const auto all = first.owned;

    Member second{Member::settings(broker, name, topic)};
    REQUIRE(
        poll_until({&first, &second}, [&] { return first.owned.size() == 2 && second.owned.size() == 2; }));
    // Only what moves was given up: nothing that stayed was stopped for it.
    CHECK(first.story == std::vector<std::string>{"assigned 4", "revoked 2"});
    CHECK(second.story == std::vector<std::string>{"assigned 2"});
    auto together = first.owned;
    together.insert(second.owned.begin(), second.owned.end());
    CHECK(together == all);
}

TEST_CASE("a member knows that it was told its share, also where none is left for it") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(1);
    const std::string name = broker.group_name();
    Member first{Member::settings(broker, name, topic)};
    CHECK_FALSE(first.group().is_assigned());
    REQUIRE(poll_until({&first}, [&] { return first.group().is_assigned(); }));
    CHECK(first.owned.size() == 1);

    Member second{Member::settings(broker, name, topic)};
    CHECK(poll_until({&first, &second}, [&] { return second.group().is_assigned(); }));
    CHECK(first.group().is_assigned());
    CHECK(first.owned.size() + second.owned.size() == 1);
    CHECK(second.group().close(10s).has_value());
    CHECK_FALSE(second.group().is_assigned());
}

TEST_CASE("records are given once while members come and go") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(6);
    const std::string name = broker.group_name();
    auto producer = Producer::create({.client = broker.client()}).value();
    Sequence sent = 0;
    const auto send_some = [&] {
        for (int i = 0; i < 60; ++i) {
            const std::string value = "value " + std::to_string(++sent);
            REQUIRE(producer.send(sent, {.topic = topic, .key = value, .value = value}));
        }
        REQUIRE(producer.flush(20s).acknowledged == sent);
    };
    std::map<TopicPartition, Offset> positions;  // what a database would hold
    std::multiset<std::string> seen;
    const auto take = [&](Member& member) {
        member.start_at = positions;
        const auto polled = member.poll();
        REQUIRE(polled);
        for (const ReceivedRecord& record : polled->records) {
            positions[record.topic_partition()] = record.offset() + 1;
            seen.emplace(record.value().value());
        }
    };
    const auto take_until = [&](const std::vector<Member*>& members, const auto& condition) {
        return poll_until({}, [&] {
            for (Member* member : members) take(*member);
            return condition();
        });
    };
    Member first{Member::settings(broker, name, topic)};
    send_some();
    REQUIRE(take_until({&first}, [&] { return seen.size() == sent; }));
    {
        Member second{Member::settings(broker, name, topic)};
        send_some();
        REQUIRE(take_until({&first, &second}, [&] {
            return second.owned.size() == 3 && first.owned.size() == 3 && seen.size() >= sent;
        }));
        send_some();
        REQUIRE(take_until({&first, &second}, [&] { return seen.size() >= sent; }));
        CHECK(second.group().close(20s).has_value());
        CHECK(second.story.back() == "revoked 3");
    }
    send_some();
    REQUIRE(take_until({&first}, [&] { return first.owned.size() == 6 && seen.size() >= sent; }));
    CHECK(seen.size() == sent);
    CHECK(std::set<std::string>{seen.begin(), seen.end()}.size() == sent);
}

TEST_CASE("who is closed leaves at once and the others need not wait for its session") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(2);
    const std::string name = broker.group_name();
    ConsumerSettings settings = Member::settings(broker, name, topic);
    settings.session_timeout = 45s;
    auto first = std::make_unique<Member>(settings);
    REQUIRE(poll_until({first.get()}, [&] { return first->owned.size() == 2; }));
    const auto begin = std::chrono::steady_clock::now();
    CHECK(first->group().close(20s).has_value());
    CHECK(first->story == std::vector<std::string>{"assigned 2", "revoked 2"});
    Member second{settings};
    REQUIRE(poll_until({&second}, [&] { return second.owned.size() == 2; }));
    CHECK(std::chrono::steady_clock::now() - begin < 15s);
}

TEST_CASE("who does not poll loses its partitions and is told so") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(2);
    const std::string name = broker.group_name();
    ConsumerSettings settings = Member::settings(broker, name, topic);
    settings.session_timeout = 6s;
    settings.poll_interval_max = 6s;
    Member hung{settings};
    REQUIRE(poll_until({&hung}, [&] { return hung.owned.size() == 2; }));
    Member other{settings};
    // The hung one is asked nothing: it cannot even give up its half, and is thrown out.
    REQUIRE(poll_until({&other}, [&] { return other.owned.size() == 2; }, 60s));
    CHECK(hung.owned.size() == 2);  // as far as it knows
    REQUIRE(poll_until({&hung, &other}, [&] { return hung.owned.empty(); }));
    for (std::size_t i = 1; i < hung.story.size(); ++i) CHECK_THAT(hung.story[i], StartsWith("lost "));
    // And it comes back.
    REQUIRE(poll_until({&hung, &other}, [&] { return hung.owned.size() == 1 && other.owned.size() == 1; }));
}

TEST_CASE("an instance that is taken over is fenced for good") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    ConsumerSettings settings = Member::settings(broker, broker.group_name(), topic);
    settings.instance_id = "the-only-one";
    settings.session_timeout = 6s;  // and the heartbeat, which brings the news, every 3 s
    Member old{settings};
    REQUIRE(poll_until({&old}, [&] { return old.owned.size() == 1; }));
    Member fresh{settings};
    REQUIRE(poll_until({&fresh}, [&] { return fresh.owned.size() == 1; }));
    std::optional<Error> failure;
    REQUIRE(wait_until(
        [&] {
            const auto polled = old.poll();
            if (!polled) failure = polled.error();
            return failure.has_value();
        },
        30s));
    CHECK(failure->code == ErrorCode::fenced);
    CHECK_FALSE(old.poll());
    // It had been told nothing, so it is told now.
    static_cast<void>(old.group().close(2s));
    CHECK(old.owned.empty());
    CHECK(old.story.back() == "lost 1");
    CHECK(fresh.owned.size() == 1);
    // Static members do not say good-bye, and a group with members cannot be deleted.
    static_cast<void>(fresh.group().close(20s));
    const std::vector<std::string> group{settings.group};
    CHECK(wait_until([&] { return broker.admin().delete_groups(group, 20s).has_value(); }, 30s));
}

TEST_CASE("a position beyond the log is told also where a rebalance comes behind it and cannot be settled") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(6);
    const std::string name = broker.group_name();
    Member first{Member::settings(broker, name, topic)};
    Member other{Member::settings(broker, name, topic)};
    auto third = std::make_unique<Member>(Member::settings(broker, name, topic));
    REQUIRE(poll_until({&first, &other, third.get()}, [&] {
        return first.owned.size() == 2 && other.owned.size() == 2 && third->owned.size() == 2;
    }));
    const TopicPartition astray = *first.owned.begin();
    REQUIRE(first.group().seek(astray, 1000));
    first.refuses_to_start = true;
    third.reset();
    // Its share of those that are free: the first has been told of its own by then, and does not poll yet.
    REQUIRE(poll_until({&other}, [&] { return other.owned.size() == 3; }));
    REQUIRE(wait_until([&] { return !first.poll(); }, 30s));
    first.refuses_to_start = false;
    REQUIRE(poll_until({&first, &other}, [&] { return first.owned.size() == 3; }));
    REQUIRE(poll_until({&first, &other}, [&] { return !first.out_of_range.empty(); }));
    CHECK(first.out_of_range.front().partition == astray);
}

TEST_CASE("closing at any moment of a rebalance neither hangs nor ends the process") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(4);
    const std::string name = broker.group_name();
    for (int round = 0; round < 12; ++round) {
        // Several at once, each left at another moment of joining: from before its first poll to after its
        // first assignment.
        std::vector<std::jthread> threads;
        for (int member_number = 0; member_number < 3; ++member_number) {
            threads.emplace_back([&, polls = (round + member_number * 5) % 12] {
                Member member{Member::settings(broker, name, topic)};
                for (int i = 0; i < polls; ++i) static_cast<void>(member.group().poll(10, 7ms));
                const auto begin = std::chrono::steady_clock::now();
                static_cast<void>(member.group().close(10s));
                if (std::chrono::steady_clock::now() - begin > 15s) std::abort();
            });
        }
    }
    Member last{Member::settings(broker, name, topic)};
    CHECK(poll_until({&last}, [&] { return last.owned.size() == 4; }, 60s));
}
