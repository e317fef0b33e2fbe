#include <algorithm>

#include <catch2/catch.hpp>

#include "archive/events.hpp"
#include "fixtures.hpp"
#include "postgres/transaction.hpp"

using namespace tollgate;
using ingress::Fate;
using ingress::Outcome;
using test::Incoming;
using test::Ingress;
using test::request;
using test::stored;

namespace {

struct Fresh {
    test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress")};

    test::Stored now() const { return stored(database.owner()); }
    std::string body_of(const Uuid& id) const {
        postgres::Connection relay = test::open(database.service("relay"));
        postgres::Transaction transaction{relay};
        const auto events = archive::read(transaction, std::vector{id});
        return events.at(0).body;
    }
};

}  // namespace

TEST_CASE("an event is written with its keys and its entry, and announced") {
    Fresh fresh;
    const Outcome outcome = fresh.ingress.commit_one({.id = "evt_1", .second_key = "x"});
    CHECK(outcome.fate == Fate::accepted);
    const auto now = fresh.now();
    CHECK(now.events == std::vector{outcome.event_id});
    CHECK(now.entries == now.events);
    CHECK(now.keys == 2);
    CHECK(fresh.ingress.announced() == 1);
}

TEST_CASE("a repeat is its event's duplicate and changes nothing") {
    Fresh fresh;
    const Outcome first = fresh.ingress.commit_one({});
    for (int i = 0; i < 3; ++i)
        CHECK(fresh.ingress.commit_one({}) == Outcome{first.event_id, Fate::duplicate});
    CHECK(fresh.now().events.size() == 1);
    CHECK(fresh.now().keys == 1);
    CHECK(fresh.ingress.announced() == 1);
}

TEST_CASE("the same id of another source or tenant is another event") {
    Fresh fresh;
    const Outcome first = fresh.ingress.commit_one({});
    for (const bool other_tenant : {true, false}) {
        auto events = request(Incoming{});
        (other_tenant ? events[0].event.tenant : events[0].source) = make_uuid_v4();
        const auto receipt = fresh.ingress.commit(std::move(events));
        CHECK(receipt->at(0).fate == Fate::accepted);
        CHECK(receipt->at(0).event_id != first.event_id);
    }
    CHECK(fresh.now().entries.size() == 3);
}

TEST_CASE("the same content under another id is a duplicate, and that id is known from then on") {
    Fresh fresh;
    const Outcome first = fresh.ingress.commit_one({.id = "a", .second_key = "same"});
    CHECK(fresh.ingress.commit_one({.id = "b", .second_key = "same"}) ==
          Outcome{first.event_id, Fate::duplicate});
    CHECK(fresh.now().keys == 3);
    CHECK(fresh.ingress.commit_one({.id = "b"}) == Outcome{first.event_id, Fate::duplicate});
    CHECK(fresh.now().events.size() == 1);
    CHECK(fresh.now().held.empty());
}

TEST_CASE("the same id with other content is kept, held from the bus, and has its own repeats") {
    Fresh fresh;
    const Outcome first = fresh.ingress.commit_one({.content = "1", .second_key = "1"});
    const Outcome other = fresh.ingress.commit_one({.content = "2", .second_key = "2"});
    CHECK(other.fate == Fate::held);
    CHECK(other.event_id != first.event_id);
    const auto now = fresh.now();
    CHECK(now.events.size() == 2);
    CHECK(now.entries == std::vector{first.event_id});
    CHECK(now.held == std::vector{other.event_id});
    CHECK(fresh.body_of(other.event_id) == "2");

    CHECK(fresh.ingress.commit_one({.content = "2", .second_key = "2"}) ==
          Outcome{other.event_id, Fate::duplicate});
    CHECK(fresh.ingress.commit_one({.content = "1", .second_key = "1"}) ==
          Outcome{first.event_id, Fate::duplicate});
    // Its content is not taken under yet another id either.
    CHECK(fresh.ingress.commit_one({.id = "new", .content = "2", .second_key = "2"}) ==
          Outcome{other.event_id, Fate::duplicate});
    const Outcome third = fresh.ingress.commit_one({.content = "3", .second_key = "3"});
    CHECK(third.fate == Fate::held);
    CHECK(fresh.now().held == std::vector{other.event_id, third.event_id});
    CHECK(fresh.now().entries.size() == 1);
}

TEST_CASE("of repeats that come at once one is the event and the others are its duplicates") {
    Fresh fresh;
    std::vector<std::future<Result<ingress::Receipt>>> answers;
    for (int i = 0; i < 300; ++i)
        answers.push_back(fresh.ingress.begin(request({.id = std::to_string(i % 100)})));
    std::map<Uuid, int> accepted;
    std::map<Uuid, int> duplicates;
    for (auto& answer : answers) {
        const Outcome outcome = answer.get().value().at(0);
        ++(outcome.fate == Fate::accepted ? accepted : duplicates)[outcome.event_id];
    }
    CHECK(accepted.size() == 100);
    CHECK(duplicates.size() == 100);
    for (const auto& [id, count] : duplicates) CHECK(count == 2);
    CHECK(fresh.now().events.size() == 100);
    CHECK(fresh.now().entries.size() == 100);
}

TEST_CASE("a request of several events is stored once and read by its parts, in its order") {
    Fresh fresh;
    const auto receipt = fresh.ingress.commit(request(std::vector<Incoming>{
        {.id = "a", .content = "11"}, {.id = "b", .content = "2"}, {.id = "c", .content = "3"}}));
    REQUIRE(receipt.has_value());
    std::vector<Uuid> ids;
    std::string bodies;
    for (const Outcome& outcome : *receipt) {
        CHECK(outcome.fate == Fate::accepted);
        ids.push_back(outcome.event_id);
        bodies += fresh.body_of(outcome.event_id) + ",";
    }
    CHECK(bodies == "11,2,3,");
    CHECK(fresh.now().entries == ids);
}

TEST_CASE("of a request of several events only the new ones are added, with their bytes") {
    Fresh fresh;
    const Outcome known = fresh.ingress.commit_one({.id = "a", .content = "1"});
    const auto receipt = fresh.ingress.commit(request(std::vector<Incoming>{{.id = "a", .content = "1"},
                                                                            {.id = "b", .content = "22"},
                                                                            {.id = "a", .content = "x"},
                                                                            {.id = "c", .content = "333"},
                                                                            {.id = "b", .content = "22"}}));
    REQUIRE(receipt.has_value());
    CHECK(receipt->at(0) == Outcome{known.event_id, Fate::duplicate});
    CHECK(receipt->at(1).fate == Fate::accepted);
    CHECK(receipt->at(2).fate == Fate::held);
    CHECK(receipt->at(3).fate == Fate::accepted);
    CHECK(receipt->at(4) == Outcome{receipt->at(1).event_id, Fate::duplicate});
    CHECK(fresh.body_of(receipt->at(1).event_id) == "22");
    CHECK(fresh.body_of(receipt->at(2).event_id) == "x");
    CHECK(fresh.body_of(receipt->at(3).event_id) == "333");
    CHECK(fresh.now().entries ==
          std::vector{known.event_id, receipt->at(1).event_id, receipt->at(3).event_id});
    CHECK(fresh.now().held == std::vector{receipt->at(2).event_id});
}

TEST_CASE("one event twice in one request is one event") {
    Fresh fresh;
    const auto receipt = fresh.ingress.commit(request(std::vector<Incoming>{{.id = "a"}, {.id = "a"}}));
    REQUIRE(receipt.has_value());
    CHECK(receipt->at(0).fate == Fate::accepted);
    CHECK(receipt->at(1) == Outcome{receipt->at(0).event_id, Fate::duplicate});
    CHECK(fresh.now().events.size() == 1);
}

TEST_CASE("a request that a part of is known does not keep others of its batch from being committed") {
    Fresh fresh;
    const Outcome known = fresh.ingress.commit_one({.id = "a", .second_key = "same"});
    std::vector<std::future<Result<ingress::Receipt>>> answers;
    for (int i = 0; i < 200; ++i) {
        answers.push_back(fresh.ingress.begin(request(
            {.id = std::to_string(i), .second_key = i % 10 == 0 ? "same" : "of " + std::to_string(i)})));
    }
    int accepted = 0;
    for (auto& answer : answers) {
        const Outcome outcome = answer.get().value().at(0);
        if (outcome.fate == Fate::accepted) ++accepted;
        if (outcome.fate == Fate::duplicate) CHECK(outcome.event_id == known.event_id);
    }
    CHECK(accepted == 180);
    CHECK(fresh.now().entries.size() == 181);
}
