// What is learnt of a customer after the erasure has begun, from events that had come before.
#include <catch2/catch.hpp>

#include "erasing.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

class Events {
public:
    explicit Events(EnrichmentWorld& world) : world_{world} {}
    // In one batch if they can be, and waits until all are done.
    void come(const std::vector<archive::Event>& events) {
        world_.pipeline().put(events);
        done_ += events.size();
        REQUIRE(world_.payments(done_).size() >= done_);
    }

private:
    EnrichmentWorld& world_;
    std::size_t done_ = 0;
};

archive::Event of_nobody(const std::string& payment, const std::string& email = "ada@elsewhere.example") {
    return charge(payment,
                  fmt::format(R"("billing_details": {{"name": "Ada Okafor", "email": "{}"}})", email));
}

archive::Event moved_to(const std::string& email) {
    return stripe_event(
        "customer.updated",
        fmt::format(R"("object": "customer", "id": "cus_1", "name": "Ada Okafor", "email": "{}")", email));
}

}  // namespace

TEST_CASE("payments and addresses that only late events tell of are known too") {
    EnrichmentByJournal world;
    const auto process = world.start();
    Events events{world};
    const auto by_payment = of_nobody("pi_1");
    const auto in_one_batch = of_nobody("pi_2");
    const auto by_email = of_nobody("pi_3", "ada@new.example");
    const auto stranger = of_nobody("pi_4");
    const std::vector late{charge("pi_1"), moved_to("Ada@New.example")};
    const auto later = charge("pi_2");
    Erasing erasing{world, customer("cus_1")};
    events.come(late);
    events.come({by_payment});
    while (erasing.take_facts(1000) > 0) continue;
    erasing.end();
    events.come({later, in_one_batch});
    events.come({by_email, stranger});
    const std::vector hers{by_payment, in_one_batch, by_email};
    for (const auto& event : hers) CHECK_FALSE(names_ada(world, event));
    CHECK(names_ada(world, stranger));

    const auto names = world.count("consumer.erased_name");
    // An id, an address, two payments.
    CHECK(names == 4);
    done_over(world, {by_payment, in_one_batch, by_email, late[0], late[1]});
    CHECK(world.count("consumer.erased_name") == names);
    for (const auto& event : hers) CHECK_FALSE(names_ada(world, event));
}

TEST_CASE("a late event tells nothing by which somebody else is known") {
    EnrichmentByJournal world;
    const auto process = world.start();
    Events events{world};
    events.come({signed_up("cus_2"), charge("pi_9", R"("customer": "cus_2")")});
    const std::vector late{charge("pi_9"), signed_up()};
    const std::vector of_others{of_nobody("pi_9"), of_nobody("pi_6", "ada@acme.example")};
    erase(world, customer("cus_1"));
    events.come(late);
    events.come(of_others);
    for (const auto& event : of_others) CHECK(names_ada(world, event));
    // That an address tells nothing is found out once.
    const auto names = world.count("consumer.erased_name");
    done_over(world, late);
    CHECK(world.count("consumer.erased_name") == names);
}

TEST_CASE("a payment is the customer's under whichever name facts have it") {
    EnrichmentByJournal world;
    const auto process = world.start();
    Events events{world};
    const std::vector first{charge("pi_1"), charge("pi_2")};
    erase(world, customer("cus_1"));
    events.come(first);
    // She came back, and so did a part of what she had paid before.
    const std::vector back{charge("pi_1"), charge("pi_2")};
    const std::vector by_payment{of_nobody("pi_1"), of_nobody("pi_2")};
    events.come({back[0]});
    erase(world, customer("cus_1"));
    events.come({back[1]});
    events.come(by_payment);
    for (const auto& event : by_payment) CHECK_FALSE(names_ada(world, event));
}
