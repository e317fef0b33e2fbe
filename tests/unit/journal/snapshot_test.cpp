#include "journal/snapshot.hpp"

#include <catch2/catch.hpp>

#include "journal/tick_rule.hpp"

using namespace tollgate;
using namespace tollgate::journal;

namespace {

Snapshot snapshot(const char* text) {
    const auto parsed = Snapshot::parse(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

}  // namespace

TEST_CASE("a snapshot shows what had ended when it was taken") {
    const Snapshot now = snapshot("10:20:10,14,15");
    for (const std::uint64_t xid : {3U, 9U, 11U, 13U, 16U, 19U}) CHECK(now.shows(Xid{xid}));
    for (const std::uint64_t xid : {10U, 14U, 15U, 20U, 21U}) CHECK_FALSE(now.shows(Xid{xid}));
}

TEST_CASE("a snapshot of transactions beyond 32 bits is read whole") {
    const Snapshot now = snapshot("4294967299:18446744073709551615:");
    CHECK(now.xmin == Xid{4294967299ULL});
    CHECK(now.xmax == Xid{18446744073709551615ULL});
}

TEST_CASE("what is not a snapshot is refused") {
    for (const char* text : {"", "1", "1:2", "1:2:3,", "1:2:,3", "1:2:x", "a:2:", "1:2:5,4", "1:2:3;4",
                             "-1:2:", "99999999999999999999:1:"}) {
        CAPTURE(text);
        CHECK_FALSE(Snapshot::parse(text).has_value());
    }
}

TEST_CASE("a later snapshot shows more when a transaction below the ceiling has ended since") {
    const Snapshot earlier = snapshot("10:13:10,11");
    // Nothing has ended.
    CHECK_FALSE(snapshot("10:13:10,11").shows_more_than(earlier, Xid{100}));
    // One that was in progress.
    CHECK(snapshot("10:13:10").shows_more_than(earlier, Xid{100}));
    CHECK_FALSE(snapshot("10:13:10").shows_more_than(earlier, Xid{11}));
    // 13 and 14 have begun and are open; then 13 ends.
    CHECK_FALSE(snapshot("10:15:10,11,13,14").shows_more_than(earlier, Xid{100}));
    CHECK(snapshot("10:15:10,11,14").shows_more_than(earlier, Xid{100}));
    // Of those at the ceiling and beyond nobody asks.
    CHECK_FALSE(snapshot("10:17:10,11,13,14").shows_more_than(earlier, Xid{15}));
    CHECK_FALSE(snapshot("10:17:10,11,13,14").shows_more_than(earlier, Xid{12}));
}

TEST_CASE("a tick is due when something was drawn, or who may have drawn has ended") {
    TickRule rule{
        {.tick = {.id = 1, .snapshot = snapshot("10:13:10,11"), .last_seq = 5}, .xid = Xid{14}, .drawn = 5}};
    CHECK_FALSE(rule.is_due(5, snapshot("10:13:10,11")));
    CHECK(rule.is_due(6, snapshot("10:13:10,11")));
    // 13 had its number before the tick was written, and was not known to its snapshot.
    CHECK(rule.is_due(5, snapshot("10:14:10,11")));
    // The tick's own transaction has ended, and others that are younger.
    CHECK_FALSE(rule.is_due(5, snapshot("10:20:10,11,13")));

    // A tick that saw nothing drawn: who begins later cannot be a reason for another.
    rule.written({.tick = {.id = 2, .snapshot = snapshot("11:16:11,13,15"), .last_seq = 5},
                  .xid = Xid{16},
                  .drawn = 5});
    CHECK_FALSE(rule.is_due(5, snapshot("11:20:11,13")));
    CHECK(rule.is_due(5, snapshot("11:20:11")));
    // Once something was drawn, they can.
    rule.written(
        {.tick = {.id = 3, .snapshot = snapshot("11:20:11,18"), .last_seq = 6}, .xid = Xid{21}, .drawn = 6});
    CHECK(rule.is_due(6, snapshot("11:20:11")));
}
