// Which messages of a batch go to the handler, and what becomes of the others before it.
#include "consumer/intake.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::consumer;
using namespace std::chrono_literals;

namespace {

const Timestamp now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h;

Message message(const Uuid& id) {
    return {.topic = "raw", .place = LogPlace{{"tollgate.raw", 3}, 17}, .value = "{}", .id = id};
}

Uuid id_at(Timestamp time, std::uint8_t last = 1) {
    Uuid id = first_uuid_v7_at(time);
    id.bytes[15] = last;
    return id;
}

}  // namespace

TEST_CASE("a message goes to the handler under its own id") {
    const std::vector<Message> batch{message(id_at(now)), message(id_at(now, 2))};
    const auto items = take_in(batch, Uuid{}, now);
    REQUIRE(items.size() == 2);
    CHECK(items[0].is_for_handler());
    CHECK(items[1].task.id == *batch[1].id);
    CHECK(items[1].task.message == &batch[1]);
    CHECK(items[0].task.attempt == 1);
}

TEST_CASE("a copy in the same batch, and what is older than the consumer, are passed over") {
    const std::vector<Message> batch{message(id_at(now - 1min)), message(id_at(now)), message(id_at(now))};
    const auto items = take_in(batch, id_at(now), now);
    CHECK(items[0].passed_over);
    CHECK(items[1].is_for_handler());
    CHECK(items[2].passed_over);
}

TEST_CASE("a message with a flaw is dead and one of a newer major version is held") {
    Message flawed = message(id_at(now));
    flawed.flaw = Error{ErrorCode::invalid, "ce_type is missing"};
    Message newer = message(id_at(now, 2));
    newer.attributes = events::CloudEvent{.schema_version = {.major = 2, .minor = 0}};
    // What a newer version may look like is not for us to say.
    newer.flaw = Error{ErrorCode::invalid, "ce_type is missing"};
    const std::vector<Message> batch{flawed, newer};
    const auto items = take_in(batch, Uuid{}, now);
    REQUIRE(items[0].verdict);
    CHECK(items[0].verdict->state == WorkState::dead);
    CHECK(items[0].verdict->reason == "invalid: ce_type is missing");
    REQUIRE(items[1].verdict);
    CHECK(items[1].verdict->state == WorkState::held);
    CHECK(items[1].verdict->hold == "newer_version");
    CHECK_FALSE(items[1].verdict->failed);
}

TEST_CASE("without an id of ours a message has one of its place, bytes and time, always the same") {
    Message foreign = message({});
    foreign.id.reset();
    foreign.logged_at = now - 3h;
    const Uuid id = id_of(foreign, now);
    CHECK(id_of(foreign, now + 5h) == id);
    CHECK(is_plausible(id, now));
    CHECK(time_of(id) == now - 3h);
    Message elsewhere = foreign;
    elsewhere.place = LogPlace{{"tollgate.raw", 3}, 18};
    CHECK(id_of(elsewhere, now) != id);
    Message other = foreign;
    other.value = "{ }";
    CHECK(id_of(other, now) != id);
    const auto items = take_in(std::span{&foreign, 1}, Uuid{}, now);
    REQUIRE(items.front().verdict);
    CHECK(items.front().verdict->state == WorkState::dead);
}

TEST_CASE("an id is plausible from 2020 until tomorrow, and of version 7 alone") {
    CHECK(is_plausible(id_at(now), now));
    CHECK(is_plausible(id_at(now + 23h), now));
    CHECK_FALSE(is_plausible(id_at(now + 25h), now));
    CHECK(is_plausible(id_at(std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}), now));
    CHECK_FALSE(is_plausible(id_at(std::chrono::sys_days{std::chrono::year{2019} / 12 / 31}), now));
    Uuid four = id_at(now);
    four.bytes[6] = 0x40;
    CHECK_FALSE(is_plausible(four, now));
}
