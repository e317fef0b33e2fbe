// Who was erased stays so: whatever had come before is handled as nobody's, whenever that is.
#include "consumer/erased.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "erasing.hpp"

using namespace tollgate;
using namespace tollgate::test;
using consumer::NamingEvent;
using postgres::Transaction;

namespace {

std::int64_t profiles(EnrichmentWorld& world, const std::string& customer, const std::string& more = "true") {
    return world.count(fmt::format("enrichment.customer where customer = '{}' and {}", customer, more));
}
std::int64_t facts(EnrichmentWorld& world, const std::string& customer) {
    return world.count(fmt::format("enrichment.fact where customer = '{}'", customer));
}

std::optional<std::string> pseudonym_in(Transaction& tx, const NamingEvent& event) {
    return consumer::read_pseudonyms(tx, std::vector{event.id}, [&](std::size_t) { return event; }).front();
}

std::optional<std::string> pseudonym_of(EnrichmentWorld& world, const NamingEvent& event) {
    postgres::Connection connection = open(world.pipeline().settings("enrichment"));
    return must(transact(connection, [&](Transaction& tx) { return pseudonym_in(tx, event); }));
}

}  // namespace

TEST_CASE("an event that is done over after an erasure gives nobody back, and who comes back is new") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const std::vector before{signed_up(), charge("pi_1")};
    world.pipeline().put(before);
    REQUIRE(world.payments(2).size() == 2);
    REQUIRE(profiles(world, "cus_1", "name = 'Ada Okafor'") == 1);
    REQUIRE(names_ada(world, before[1]));
    const std::string pseudonym = erase(world, customer("cus_1"));

    done_over(world, before);
    CHECK(profiles(world, "cus_1") == 0);
    CHECK(facts(world, "cus_1") == 0);
    CHECK(profiles(world, pseudonym, "name is null and email is null") == 1);
    CHECK(facts(world, pseudonym) == 1);
    for (const auto& event : before) {
        CHECK_FALSE(names_ada(world, event));
        // By which billing knows the payer, as before.
        CHECK(world.payment(event.id)->customer().id() == "cus_1");
    }

    const std::vector after{signed_up(), charge("pi_2")};
    world.pipeline().put(after);
    REQUIRE(world.payments(4).size() >= 4);
    CHECK(profiles(world, "cus_1", "name = 'Ada Okafor'") == 1);
    CHECK(facts(world, "cus_1") == 1);
    CHECK(world.payment(after[1].id)->history().payments() == 0);
    CHECK(names_ada(world, after[1]));
    done_over(world, {before[1], after[1]});
    CHECK(facts(world, "cus_1") == 1);
    CHECK(facts(world, pseudonym) == 1);

    // Of each erasure the events between it and the one before.
    const std::string second = erase(world, customer("cus_1"));
    done_over(world, {before[1], after[0], after[1]});
    CHECK(profiles(world, "cus_1") == 0);
    CHECK(facts(world, pseudonym) == 1);
    CHECK(facts(world, second) == 1);
}

TEST_CASE("an event that was on the bus when its customer was erased makes no profile of theirs") {
    EnrichmentByJournal world;
    const std::vector late{signed_up(), charge("pi_1"), signed_up("cus_2")};
    archive::Event of_other = signed_up();
    of_other.tenant = make_uuid_v7();
    world.pipeline().put(late);
    world.pipeline().put({of_other});
    const std::string pseudonym = erase(world, customer("cus_1"));
    const auto process = world.start();
    REQUIRE(world.payments(4).size() == 4);
    CHECK(profiles(world, "cus_1", fmt::format("tenant = '{}'", shop_tenant.text())) == 0);
    CHECK(profiles(world, pseudonym, "name is null and email is null") == 1);
    CHECK(facts(world, pseudonym) == 1);
    CHECK_FALSE(names_ada(world, late[0]));
    CHECK_FALSE(names_ada(world, late[1]));
    // Neither another customer nor another tenant's of that id.
    CHECK(profiles(world, "cus_2", "name = 'Ada Okafor'") == 1);
    CHECK(profiles(world, "cus_1", "name = 'Ada Okafor'") == 1);
    CHECK(names_ada(world, of_other));
}

TEST_CASE("what comes in while an erasure goes on is erased, and the profile is one in the end") {
    EnrichmentByJournal world;
    const auto process = world.start();
    world.pipeline().put({signed_up(), charge("pi_1")});
    REQUIRE(world.payments(2).size() == 2);
    Erasing erasing{world, customer("cus_1")};
    const archive::Event meanwhile = charge("pi_2");
    world.pipeline().put({meanwhile});
    REQUIRE(world.payments(3).size() == 3);
    CHECK(facts(world, erasing.pseudonym()) == 1);
    CHECK(erasing.take_facts(1) == 1);
    CHECK(erasing.take_facts(1) == 0);
    erasing.end();
    CHECK(profiles(world, "cus_1") == 0);
    CHECK(profiles(world, erasing.pseudonym()) == 1);
    CHECK(facts(world, erasing.pseudonym()) == 2);
    CHECK_FALSE(names_ada(world, meanwhile));
}

TEST_CASE("events that name no customer are known by payment and by e-mail address") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const archive::Event by_payment = charge("pi_1", R"("receipt_email": "ada@work.example")");
    const archive::Event by_email = charge("pi_2", R"("receipt_email": "Ada@ACME.example")");
    const archive::Event nobodys = charge("pi_3", R"("receipt_email": "ada@elsewhere.example")");
    const std::vector all{by_payment, by_email, nobodys};
    world.pipeline().put({signed_up(), charge("pi_1"), charge("pi_4")});
    world.pipeline().put(all);
    REQUIRE(world.payments(6).size() == 6);
    Erasing erasing{world, customer("cus_1")};
    // However many steps it takes.
    while (erasing.take_facts(1) > 0) continue;
    erasing.take_emails();
    erasing.end();
    // An id, an address, two payments.
    CHECK(world.count("consumer.erased_name") == 4);
    done_over(world, all);
    CHECK_FALSE(names_ada(world, by_payment));
    CHECK_FALSE(names_ada(world, by_email));
    CHECK(names_ada(world, nobodys));
    CHECK(world.payment(by_email.id)->customer().id().empty());
    CHECK(world.count("enrichment.fact where payment in ('pi_1', 'pi_2') and customer is null") == 2);
}

TEST_CASE("an erased customer's address in an event on another's payment is the other's") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const auto of_other = charge("pi_9", R"("receipt_email": "ada@acme.example")");
    const auto of_nobody = charge("pi_8", R"("receipt_email": "ada@acme.example")");
    world.pipeline().put({signed_up(), charge("pi_9", R"("customer": "cus_2")")});
    REQUIRE(world.payments(2).size() == 2);
    erase(world, customer("cus_1"));
    world.pipeline().put({of_other, of_nobody});
    REQUIRE(world.payments(4).size() == 4);
    CHECK(names_ada(world, of_other));
    CHECK_FALSE(names_ada(world, of_nobody));
}

TEST_CASE("an id is of one tenant, one provider and one realm, and an event of before the erasure") {
    EnrichmentByJournal world;
    const Uuid before = make_uuid_v7();
    const std::string pseudonym =
        erase(world, {.tenant = shop_tenant, .provider = "school", .realm = "source/hill", .customer = "7"});
    const NamingEvent theirs{
        .id = before, .tenant = shop_tenant, .provider = "school", .realm = "source/hill", .customer = "7"};
    CHECK(pseudonym_of(world, theirs) == pseudonym);
    const auto but = [&](auto change) {
        NamingEvent other = theirs;
        change(other);
        return pseudonym_of(world, other);
    };
    CHECK_FALSE(but([](NamingEvent& other) { other.tenant = make_uuid_v7(); }));
    CHECK_FALSE(but([](NamingEvent& other) { other.provider = "stripe"; }));
    CHECK_FALSE(but([](NamingEvent& other) { other.realm = "source/lake"; }));
    CHECK_FALSE(but([](NamingEvent& other) { other.customer = "8"; }));
    CHECK_FALSE(but([](NamingEvent& other) { other.id = make_uuid_v7(); }));
    CHECK_FALSE(but([](NamingEvent& other) { other.customer.swap(other.payment); }));
}

TEST_CASE("an event that a clock ahead of the database's has received before the end is of before") {
    EnrichmentByJournal world;
    postgres::Connection owner = world.pipeline().owner();
    const auto id_in = [&](int seconds) {
        return owner
            .execute("select consumer.first_id_at(clock_timestamp() + $1 * interval '1 second')", seconds)
            .only()
            .get<Uuid>(0);
    };
    const Uuid before = id_in(4);
    {
        postgres::Connection as_operator = open(world.pipeline().settings("operator"));
        as_operator.execute("select set_config('tollgate.tenant', '*', false)");
        must(transact(as_operator, [](Transaction& tx) {
            enrichment::begin_erasure(tx, customer("cus_1"));
            return enrichment::end_erasure(tx, customer("cus_1"));
        }));
    }
    const Uuid after = id_in(6);
    const auto is_theirs = [&](const Uuid& id) {
        return pseudonym_of(
                   world,
                   {.id = id, .tenant = shop_tenant, .provider = "stripe", .realm = "", .customer = "cus_1"})
            .has_value();
    };
    CHECK(is_theirs(before));
    CHECK_FALSE(is_theirs(after));
}

TEST_CASE("an erasure waits for who handles events without knowing of it, and nobody does any more") {
    EnrichmentByJournal world;
    const NamingEvent theirs{
        .id = make_uuid_v7(), .tenant = shop_tenant, .provider = "stripe", .realm = "", .customer = "cus_1"};
    const auto waiting = [&](std::int64_t sessions) {
        return comes_true([&] {
            return world.count("pg_locks where not granted and relation = 'consumer.erasure'::regclass") ==
                   sessions;
        });
    };
    postgres::Connection connection = open(world.pipeline().settings("enrichment"));
    std::optional<std::string> pseudonym;
    std::optional<std::string> seen;
    std::int64_t taken = 0;
    bool both_wait = false;
    {
        std::jthread erasing;
        std::jthread late;
        Transaction early{connection};
        // On a busy machine the others may come late.
        early.execute("set local idle_in_transaction_session_timeout = '90s'");
        CHECK_FALSE(pseudonym_in(early, theirs));
        erasing = std::jthread{[&] {
            Erasing begun{world, customer("cus_1")};
            pseudonym = begun.pseudonym();
            taken = begun.take_facts(1000);
        }};
        both_wait = waiting(1);
        late = std::jthread{[&] { seen = pseudonym_of(world, theirs); }};
        both_wait = both_wait && waiting(2);
        early.execute(
            "insert into enrichment.fact (tenant, event_id, provider, kind, object, customer, at, version, "
            "is_test) values ($1, $2, 'stripe', 'order', 'o', 'cus_1', now(), 0, false)",
            shop_tenant, theirs.id);
        early.commit();
    }
    CHECK(both_wait);
    CHECK(taken == 1);
    CHECK(facts(world, "cus_1") == 0);
    REQUIRE(pseudonym);
    CHECK(seen == pseudonym);
}
