// What both implementations promise to whoever reads: what comes, in which order, and what comes again.
#include <map>
#include <thread>

#include <catch2/catch.hpp>

#include "support/wait.hpp"
#include "worlds.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using consumer::Batch;
using consumer::Message;
using Strings = std::vector<std::string>;

namespace {

Strings keys_and_values(const std::vector<Message>& messages, const std::string& key) {
    Strings found;
    for (const Message& message : messages) {
        if (message.key->ends_with("/" + key)) found.push_back(*message.value);
    }
    return found;
}

archive::Event full_event() {
    archive::Event full = event(R"({"id":"evt_1"})");
    full.provider_time = Timestamp{std::chrono::microseconds{1'790'000'000'123'456}};
    full.subject = "ch_1";
    full.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    return full;
}

events::Headers headers_of_full(const Uuid& id) {
    return {{"ce_specversion", "1.0"},
            {"ce_id", id.text()},
            {"ce_source", "/tenants/" + tenant().text() + "/sources/shop"},
            {"ce_type", "stripe.charge.succeeded"},
            {"ce_subject", "ch_1"},
            {"ce_time", "2026-09-21T14:13:20.123Z"},
            {"ce_tenant", tenant().text()},
            {"ce_schemaversion", "1.0"},
            {"content-type", "application/json"},
            {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
}

}  // namespace

TEMPLATE_TEST_CASE("a message has the bytes and the key and the headers of its event", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    const archive::Event full = full_event();
    world.publish({full});
    Member member{world.member()};
    REQUIRE(read_until(member, 1));
    const Message& message = member.taken[0];
    CHECK(message.topic == "raw");
    CHECK(message.key == tenant().text() + "/shop/cus_1");
    CHECK(message.value == full.body);
    CHECK(message.headers == headers_of_full(full.id));
    REQUIRE(message.attributes);
    CHECK(message.attributes->id == full.id);
    CHECK(message.id == full.id);
    CHECK(message.tenant == tenant());
    CHECK_FALSE(message.flaw);
}

TEMPLATE_TEST_CASE("an event without an optional thing has its id in the key and its receipt for a time", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    archive::Event bare = event("");
    bare.ordering_key.reset();
    bare.content_type.reset();
    world.publish({bare});
    Member member{world.member()};
    REQUIRE(read_until(member, 1));
    const Message& message = member.taken[0];
    CHECK(message.key == tenant().text() + "/shop/" + bare.id.text());
    CHECK(message.value == "");
    CHECK(message.attributes->time == time_of(bare.id));
    CHECK(message.headers.size() == 7);
}

TEMPLATE_TEST_CASE("a slice is a message of its own, and a large body comes whole though by reference", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    std::vector<archive::Event> events{event("[one,three]"), event("[one,three]"),
                                       event(std::string(300'000, 'x'))};
    events[0].slice = archive::Slice{.of = events[0].id, .offset = 1, .length = 3};
    events[1].slice = archive::Slice{.of = events[0].id, .offset = 5, .length = 5};
    world.publish(events);
    Member member{world.member()};
    REQUIRE(read_until(member, 3));
    CHECK(values(member.taken) == Strings{"one", "three", events[2].body});
    CHECK(member.taken[0].headers.back().first == "content-type");
    CHECK(member.taken[2].headers.back() == events::Header{"tollgate_ref", "archive"});
    CHECK_FALSE(member.taken[2].flaw);
}

TEMPLATE_TEST_CASE("messages of a key come in their order and once, however few are asked for", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    Member member{world.member()};
    for (int round = 0; round < 10; ++round) {
        for (const std::string key : {"a", "b", "c"}) {
            world.publish(numbered(round * 10 + 1, round * 10 + 10, key));
            const auto read = member.read(7);
            REQUIRE((!read || read->size() <= 7));
        }
    }
    REQUIRE(wait_until(
        [&] {
            static_cast<void>(member.read(7));
            return member.taken.size() >= 300;
        },
        40s));
    CHECK(member.taken.size() == 300);
    for (const std::string key : {"a", "b", "c"})
        CHECK(keys_and_values(member.taken, key) == numbers(1, 100));
}

TEMPLATE_TEST_CASE("what is polled and not committed comes again", "", JournalWorld, KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 20));
    {
        Member member{world.member()};
        const Batch first = poll_some(member, 10);
        const Batch again = poll_some(member, 10);
        CHECK(first.messages.front().value == "1");
        CHECK(again.messages.front().value == "1");
    }
    CHECK(world.effects().empty());
    // And to the next member, when this one has gone without a commit.
    Member next{world.member()};
    REQUIRE(read_until(next, 20));
    CHECK(values(next.taken) == numbers(1, 20));
    CHECK(world.effects() == numbers(1, 20));
}

TEMPLATE_TEST_CASE("the work and the position are one", "", JournalWorld, KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 10));
    Member member{world.member()};
    const Batch batch = poll_some(member);
    const auto work_that_fails = [](postgres::Transaction& tx) -> Result<void> {
        tx.execute("insert into public.effect (value) values ('of work that failed')");
        return fail(ErrorCode::refused, "not today");
    };
    const auto refused = member.subscription().commit(batch, batch.messages.size(), work_that_fails);
    CHECK(refused.error().detail == "not today");
    const auto broken = member.subscription().commit(batch, batch.messages.size(),
                                                     [](postgres::Transaction& tx) -> Result<void> {
                                                         tx.execute("select 1 / 0");
                                                         return {};
                                                     });
    CHECK(broken.error().code == ErrorCode::bad_data);
    CHECK(world.effects().empty());
    // The same batch may be tried again, and what follows it is not lost.
    REQUIRE(member.commit(batch).has_value());
    world.publish(numbered(11, 12));
    REQUIRE(read_until(member, 12));
    CHECK(world.effects() == numbers(1, 12));
}

TEMPLATE_TEST_CASE("a batch is committed in steps, and what is left of it comes again", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 10));
    {
        Member member{world.member()};
        Batch batch = poll_some(member, 10);
        while (batch.messages.size() < 5) batch = poll_some(member, 10);
        REQUIRE(member.commit(batch, 2).has_value());
        REQUIRE(member.commit(batch, 4).has_value());
        // Less than was committed, more than there is, and a batch of before are mistakes of the caller's.
        CHECK(member.commit(batch, 3).error().code == ErrorCode::internal);
        CHECK(member.commit(batch, batch.messages.size() + 1).error().code == ErrorCode::internal);
        const Batch next = poll_some(member, 10);
        CHECK(next.messages.front().value == "5");
        CHECK(member.commit(batch, 5).error().code == ErrorCode::internal);
        CHECK(world.effects() == numbers(1, 4));
    }
    Member after{world.member()};
    REQUIRE(read_until(after, 6));
    CHECK(world.effects() == numbers(1, 10));
}

TEMPLATE_TEST_CASE("while paused nothing comes, and then all of it without gap or repeat", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    world.publish(numbered(1, 30));
    Member member{world.member()};
    Member other{world.another_consumer()};
    REQUIRE(read_until({&member}, [&] { return !member.taken.empty(); }));
    member.subscription().pause();
    const std::size_t before = member.taken.size();
    world.publish(numbered(31, 40));
    // Another consumer gets them meanwhile, which shows that there was time.
    REQUIRE(read_until({&other, &member},
                       [&] { return !other.taken.empty() && other.taken.back().value == "40"; }));
    CHECK(member.taken.size() == before);
    CHECK(member.subscription().is_reading());
    member.subscription().resume();
    REQUIRE(read_until(member, 40));
    CHECK(values(member.taken) == numbers(1, 40));
}

TEMPLATE_TEST_CASE("lag is what is not committed, and nothing in the end", "", JournalWorld, KafkaWorld) {
    TestType world;
    Member member{world.member()};
    world.publish(numbered(1, 100));
    const Batch batch = poll_some(member, 10);
    const auto lag = [&] { return must(member.subscription().lag()); };
    CHECK(lag() == 100);
    REQUIRE(member.commit(batch).has_value());
    CHECK(lag() > 0);
    if (world.member().bus == "kafka") CHECK(lag() == 100 - static_cast<std::int64_t>(batch.messages.size()));
    REQUIRE(read_until(member, 100));
    CHECK(wait_until([&] {
        static_cast<void>(member.read());
        return lag() == 0;
    }));
}

TEMPLATE_TEST_CASE("a stop ends the wait", "", JournalWorld, KafkaWorld) {
    TestType world;
    Member member{world.member()};
    REQUIRE(read_until({&member}, [&] { return member.subscription().is_reading(); }));
    std::stop_source stop;
    std::jthread stopper{[&] {
        wait_until([&] { return false; }, 100ms);
        stop.request_stop();
    }};
    const auto began = std::chrono::steady_clock::now();
    const auto batch = member.subscription().poll(10, 1min, stop.get_token());
    CHECK(batch->messages.empty());
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}
