#include "core/bounded_queue.hpp"

#include <thread>

#include <catch2/catch.hpp>

using tollgate::BoundedQueue;

TEST_CASE("a full queue refuses and leaves the item alone") {
    BoundedQueue<std::string> queue{1};
    REQUIRE(queue.try_push("first"));
    std::string second = "second";
    CHECK_FALSE(queue.try_push(std::move(second)));
    CHECK(second == "second");
}

TEST_CASE("a batch takes what is there up to its limit, in order") {
    BoundedQueue<int> queue{10};
    for (int i = 0; i < 5; ++i) REQUIRE(queue.try_push(int{i}));
    CHECK(queue.pop_batch(3, {}) == std::vector{0, 1, 2});
    CHECK(queue.pop_batch(3, {}) == std::vector{3, 4});
}

TEST_CASE("a closed queue takes nothing more and is drained before it ends") {
    BoundedQueue<int> queue{10};
    REQUIRE(queue.try_push(7));
    queue.close();
    CHECK_FALSE(queue.try_push(8));
    CHECK(queue.pop({}) == 7);
    CHECK(queue.pop({}) == std::nullopt);
    CHECK(queue.pop_batch(10, {}).empty());
}

TEST_CASE("who waits on an empty queue is woken by a push and by a stop") {
    BoundedQueue<int> queue{10};
    std::vector<int> seen;
    {
        std::jthread consumer{[&](std::stop_token stop) {
            while (auto item = queue.pop(stop)) seen.push_back(*item);
        }};
        for (int i = 0; i < 3; ++i) {
            while (!queue.try_push(10 + i)) {
            }
        }
        while (queue.size() > 0) std::this_thread::yield();
    }  // the jthread asks its own token to stop, and joins
    CHECK(seen == std::vector{10, 11, 12});
}
