// What services write while a customer is erased.
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "customer_shop.hpp"
#include "postgres/transaction.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using postgres::Transaction;

namespace {

struct World : CustomerShop {
    // Somebody of a service: on a busy machine the others may come late.
    void begin(Transaction& tx) const {
        tx.execute("set local idle_in_transaction_session_timeout = '90s'");
        tx.execute("select set_config('tollgate.tenant', '*', true)");
    }
    // As before a batch is handled.
    void look(Transaction& tx) const {
        tx.execute("select consumer.look_for_erasures(now() - interval '1 day')");
    }
    bool comes_to_wait(const std::string& lock) const {
        return wait_until([&] {
            return count(
                       "pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database() "
                       "and not l.granted and " +
                       lock) > 0;
        });
    }
    bool waits_for_handlers() const { return comes_to_wait("l.relation = 'consumer.erasure'::regclass"); }
};

}  // namespace

TEST_CASE("what a handler writes that looked before a customer's payments were remembered is erased") {
    World shop;
    postgres::Connection owner = open(shop.shell().database().owner());
    postgres::Connection delivery = open(shop.shell().database().service("delivery"));
    auto refund = payment_of("");
    refund.mutable_references()->set_payment_id("pi_1");
    const Uuid event = make_uuid_v7();
    Ran erased{};
    bool is_begun = false;
    bool waits = false;
    {
        std::jthread erasing;
        Transaction early{delivery};
        {
            Transaction holding{owner};
            shop.begin(holding);
            holding.execute("select from enrichment.fact where customer = $1 for update", of_ada);
            erasing = std::jthread{[&] { erased = shop.erase(); }};
            is_begun = shop.comes_to_wait("l.locktype = 'transactionid'");
            shop.begin(early);
            shop.look(early);
            early.execute(
                "insert into delivery.event (tenant, event_id, fact, at, value) values ($1, $2, $2, now(), "
                "$3)",
                shop.tenant(), event, postgres::Bytes{*events::encode(refund)});
        }
        waits = shop.waits_for_handlers();
        early.commit();
    }
    CHECK(is_begun);
    CHECK(waits);
    CHECK(erased.code == 0);
    CHECK(shop.count("delivery.event where position('Ada'::bytea in value) > 0") == 0);
}

TEST_CASE("a customer's address that somebody learns while the erasure begins is theirs too") {
    World shop;
    const auto by_email =
        shop.not_done("dead", "charge.succeeded", charge_of(R"("receipt_email": "ada@new.example")"));
    postgres::Connection enrichment = open(shop.shell().database().service("enrichment"));
    Ran erased{};
    bool waits = false;
    {
        std::jthread erasing;
        Transaction early{enrichment};
        shop.begin(early);
        shop.look(early);
        early.execute("update enrichment.customer set email = 'Ada@New.example' where customer = $1", of_ada);
        erasing = std::jthread{[&] { erased = shop.erase(); }};
        waits = shop.waits_for_handlers();
        early.commit();
    }
    CHECK(waits);
    CHECK(erased.code == 0);
    CHECK(shop.state_of(by_email) == "discarded");
}
