// A customer who was erased is not named to people again by an event that had come before.
#include <chrono>

#include <catch2/catch.hpp>

#include "integration/delivery/quick_world.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

struct World : QuickWorld {
    // As the operators' command leaves it.
    void erase(const std::string& customer) {
        change(fmt::format("select consumer.begin_erasure('{}', 'erased-1')", tenant().text()));
        change(fmt::format(
            "select consumer.remember_erased('{}', 'erased-1', 'stripe', '', 'customer', array['{}'])",
            tenant().text(), customer));
        change(fmt::format("select consumer.end_erasure('{}', 'erased-1')", tenant().text()));
        // Here all clocks are one.
        change("update consumer.erasure set received_until = clock_timestamp()");
        // Ids tell milliseconds, and one of this very millisecond is taken for one of before.
        const auto ended = std::chrono::system_clock::now();
        REQUIRE(wait_until([&] { return time_of(make_uuid_v7()) > ended; }));
    }
    bool says(const Handed& event, const std::string& text) {
        return !rows(fmt::format("select 'it does' from delivery.event where event_id = '{}' and "
                                 "position('{}'::bytea in value) > 0",
                                 event.id.text(), text))
                    .empty();
    }
};

Handed of_ada(const std::string& invoice) {
    return failed(invoice,
                  "customer { id: \"cus_1\" name: \"Ada Okafor\" email: \"ada@acme.example\" } "
                  "ordering_key: \"cus_1\"");
}

}  // namespace

TEST_CASE("what comes late of an erased customer, or is done over, is planned as nobody's") {
    World world;
    const Handed told = of_ada("in_1");
    const Handed late = of_ada("in_2");
    world.plan({told});
    REQUIRE(world.says(told, "Ada"));
    world.erase("cus_1");
    const Handed after = of_ada("in_3");
    world.plan({late, after});
    Handed again = told;
    again.cause = consumer::Cause::redo;
    world.plan({again});
    for (const Handed& event : {told, late}) {
        CHECK_FALSE(world.says(event, "Ada"));
        CHECK_FALSE(world.says(event, "ada@"));
        CHECK_FALSE(world.says(event, "cus_1"));
        CHECK(world.says(event, "erased-1"));
    }
    CHECK(world.says(after, "Ada"));
    CHECK(world.rows("select kind from delivery.delivery") ==
          std::vector<std::string>{"message", "message", "message"});
}

TEST_CASE("another customer of the same tenant is told of as ever") {
    World world;
    const Handed event = of_ada("in_1");
    world.erase("cus_2");
    world.plan({event});
    CHECK(world.says(event, "Ada"));
}
