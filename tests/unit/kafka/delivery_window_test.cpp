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
    window.acknowledge(third, 0, 0);
    CHECK_FALSE(window.acknowledged());
    window.acknowledge(first, 0, 0);
    CHECK(window.acknowledged() == Sequence{10});
    CHECK(window.size() == 2);
    window.acknowledge(second, 0, 0);
    CHECK(window.acknowledged() == Sequence{26});
    CHECK(window.empty());
}

TEST_CASE("where records lie is told once, in the order of sending, when all before them are acknowledged") {
    DeliveryWindow window;
    const auto first = window.add(10);
    const auto second = window.add(11);
    window.acknowledge(second, 7, 100);
    CHECK(window.take_places().empty());
    window.acknowledge(first, 3, 50);
    using Places = std::vector<tollgate::kafka::Place>;
    CHECK(window.take_places() == Places{{10, 3, 50}, {11, 7, 100}});
    CHECK(window.take_places().empty());
}

TEST_CASE("what was not taken leaves no hole") {
    DeliveryWindow window;
    const auto first = window.add(1);
    window.add(2);
    window.withdraw_last();
    CHECK(window.last_added() == Sequence{1});
    const auto again = window.add(2);
    window.acknowledge(first, 0, 0);
    window.acknowledge(again, 0, 0);
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
        window.acknowledge(ticket, 0, 0);
    }
    CHECK(window.acknowledged() == Sequence{7000});
    CHECK_FALSE(window.front());
}
