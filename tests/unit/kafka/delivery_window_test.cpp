#include "kafka/delivery_window.hpp"

#include <catch2/catch.hpp>

using tollgate::kafka::DeliveryWindow;
using tollgate::kafka::Sequence;

TEST_CASE("only a prefix without a hole is acknowledged") {
    DeliveryWindow window;
    const auto first = window.add(10);
    const auto second = window.add(25);
    const auto third = window.add(26);
    CHECK_FALSE(window.acknowledged());
    window.acknowledge(third);
    CHECK_FALSE(window.acknowledged());
    window.acknowledge(first);
    CHECK(window.acknowledged() == Sequence{10});
    CHECK(window.size() == 2);
    window.acknowledge(second);
    CHECK(window.acknowledged() == Sequence{26});
    CHECK(window.empty());
}

TEST_CASE("what was not taken leaves no hole") {
    DeliveryWindow window;
    const auto first = window.add(1);
    window.add(2);
    window.withdraw_last();
    CHECK(window.last_added() == Sequence{1});
    const auto again = window.add(2);
    window.acknowledge(first);
    window.acknowledge(again);
    CHECK(window.acknowledged() == Sequence{2});
    window.add(3);
    window.withdraw_last();
    CHECK(window.last_added() == Sequence{2});
}

TEST_CASE("tickets find their records while the front moves") {
    DeliveryWindow window;
    for (Sequence sequence = 1; sequence <= 1000; ++sequence) {
        const auto ticket = window.add(sequence * 7);
        CHECK(window.sequence_of(ticket) == sequence * 7);
        CHECK(window.front() == ticket);
        window.acknowledge(ticket);
    }
    CHECK(window.acknowledged() == Sequence{7000});
    CHECK_FALSE(window.front());
}
