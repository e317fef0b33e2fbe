#include "core/uuid.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

using namespace tollgate;

TEST_CASE("a UUID is read back from its 36 characters in any case") {
    const auto id = Uuid::parse("018F3B1C-7C5A-7000-8000-0123456789ab");
    REQUIRE(id.has_value());
    CHECK(id->text() == "018f3b1c-7c5a-7000-8000-0123456789ab");
}

TEST_CASE("what is not a UUID is refused") {
    for (const std::string_view text :
         {"", "018f3b1c7c5a70008000000000000000", "018f3b1c-7c5a-7000-8000-00000000000",
          "018f3b1c-7c5a-7000-8000-00000000000g", "018f3b1c-7c5a-7000-8000_000000000000",
          "{18f3b1c-7c5a-7000-8000-000000000000}"}) {
        INFO(text);
        CHECK_FALSE(Uuid::parse(text).has_value());
    }
}

TEST_CASE("version 7 has the layout of RFC 9562 and holds its millisecond") {
    const Timestamp before = std::chrono::floor<std::chrono::milliseconds>(SystemClock{}.now());
    const Uuid id = make_uuid_v7();
    CHECK(id.text()[14] == '7');
    CHECK(std::string_view{"89ab"}.contains(id.text()[19]));
    CHECK(time_of(id) >= before);
    // The vector of RFC 9562 appendix A.6: 2022-02-22 14:22:22 at UTC-5.
    const auto vector = Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
    CHECK(to_rfc3339(time_of(*vector)) == "2022-02-22T19:22:22.000Z");
}

TEST_CASE("version 7 ids of one process grow strictly from any number of threads") {
    constexpr int per_thread = 5000;
    std::mutex mutex;
    std::vector<Uuid> all;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                std::vector<Uuid> mine;
                for (int i = 0; i < per_thread; ++i) mine.push_back(make_uuid_v7());
                const bool growing = std::ranges::adjacent_find(mine, std::greater_equal{}) == mine.end();
                const std::lock_guard lock{mutex};
                CHECK(growing);
                all.insert(all.end(), mine.begin(), mine.end());
            });
        }
    }
    CHECK(std::set<Uuid>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("the first id of a millisecond is below every id made in it and above those before") {
    const Uuid id = make_uuid_v7();
    CHECK(first_uuid_v7_at(time_of(id)) < id);
    CHECK(first_uuid_v7_at(time_of(id) + std::chrono::milliseconds{1}) > id);
}

TEST_CASE("an id's time goes back with a clock that was wrong, and not with one that steps") {
    constexpr std::uint64_t now = 1'700'000'000'000;
    constexpr std::uint64_t year = 365ULL * 86'400'000;
    const std::uint64_t stamp = uuid_v7_stamp_after(0, now);
    CHECK(stamp >> 12U == now);
    CHECK(uuid_v7_stamp_after(stamp, now) == stamp + 1);
    CHECK(uuid_v7_stamp_after(stamp, now - 30'000) == stamp + 1);
    CHECK(uuid_v7_stamp_after(stamp, now + 5) >> 12U == now + 5);
    CHECK(uuid_v7_stamp_after(uuid_v7_stamp_after(stamp, now + year), now + 1) >> 12U == now + 1);
}
