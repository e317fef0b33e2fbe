// A customer's profile is the same in whatever order their life comes in, and however often it is told.
#include "enrichment/profile.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "different_histories.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using enrichment::fact_of;
using enrichment::ToldFact;
using events::PaymentEvent;
using postgres::Transaction;

namespace {

const Uuid tenant = make_uuid_v7();
constexpr std::int64_t begin = 1'790'000'000;

struct Told {
    v1::Fact fact;
    std::int64_t minute;
    std::string payment;
    std::string charge{};
    std::int64_t minor = 0;
    std::string currency = "USD";
    std::string refund{};
    std::string customer = "cus_1";
    std::optional<std::int64_t> refunded = std::nullopt;
};

PaymentEvent event_of(const Told& told) {
    PaymentEvent event;
    event.set_fact(told.fact);
    event.mutable_provider_time()->set_seconds(begin + told.minute * 60);
    auto& references = *event.mutable_references();
    references.set_payment_id(told.payment);
    references.set_charge_id(told.charge);
    references.set_refund_id(told.refund);
    if (told.fact == v1::FACT_DISPUTE_OPENED || told.fact == v1::FACT_DISPUTE_WON)
        references.set_dispute_id("du_" + told.payment);
    event.mutable_customer()->set_id(told.customer);
    if (told.minor != 0) {
        event.mutable_amount()->set_minor(told.minor);
        event.mutable_amount()->set_currency(told.currency);
    }
    if (told.refunded) event.mutable_amount_refunded()->set_minor(*told.refunded);
    return event;
}

ToldFact told_fact(const Told& told) {
    const PaymentEvent event = event_of(told);
    return {.event = make_uuid_v7(),
            .tenant = tenant,
            .provider = "stripe",
            .fact = fact_of(event).value(),
            .currency = event.amount().currency()};
}

// Two payments, each told twice, one of them after two failures; refunds told by the charge and by
// themselves; one that failed; a dispute of no named customer; a payment in yen; two failures at the end.
const std::vector<Told>& life() {
    using namespace v1;  // NOLINT(google-build-using-namespace): the words of the contract
    static const std::vector<Told> all{
        {.fact = FACT_CUSTOMER_CREATED, .minute = 0, .payment = ""},
        {.fact = FACT_PAYMENT_FAILED, .minute = 1, .payment = "pi_1", .charge = "ch_1", .minor = 9900},
        {.fact = FACT_PAYMENT_FAILED, .minute = 1, .payment = "pi_1", .charge = "ch_1", .minor = 9900},
        {.fact = FACT_PAYMENT_FAILED, .minute = 2, .payment = "pi_1", .charge = "ch_2", .minor = 9900},
        {.fact = FACT_PAYMENT_SUCCEEDED, .minute = 3, .payment = "pi_1", .minor = 9900},
        {.fact = FACT_PAYMENT_SUCCEEDED, .minute = 3, .payment = "pi_1", .charge = "ch_3", .minor = 9900},
        {.fact = FACT_INVOICE_PAID, .minute = 3, .payment = "", .minor = 9900},
        {.fact = FACT_PAYMENT_SUCCEEDED, .minute = 10, .payment = "pi_2", .charge = "ch_4", .minor = 5000},
        {.fact = FACT_REFUND_SUCCEEDED,
         .minute = 20,
         .payment = "pi_1",
         .minor = 1000,
         .refund = "re_1",
         .customer = ""},
        {.fact = FACT_REFUND_SUCCEEDED,
         .minute = 21,
         .payment = "pi_1",
         .minor = 1000,
         .refund = "re_1",
         .customer = ""},
        {.fact = FACT_REFUND_SUCCEEDED,
         .minute = 20,
         .payment = "pi_1",
         .charge = "ch_3",
         .minor = 1000,
         .refunded = 1000},
        {.fact = FACT_REFUND_SUCCEEDED,
         .minute = 22,
         .payment = "pi_1",
         .charge = "ch_3",
         .minor = 1500,
         .refunded = 2500},
        {.fact = FACT_REFUND_SUCCEEDED,
         .minute = 23,
         .payment = "pi_2",
         .minor = 700,
         .refund = "re_2",
         .customer = ""},
        {.fact = FACT_REFUND_FAILED,
         .minute = 25,
         .payment = "pi_2",
         .minor = 700,
         .refund = "re_2",
         .customer = ""},
        {.fact = FACT_REFUND_SUCCEEDED, .minute = 26, .payment = "pi_unseen", .minor = 400, .refund = "re_3"},
        {.fact = FACT_DISPUTE_OPENED, .minute = 30, .payment = "pi_1", .minor = 9900, .customer = ""},
        {.fact = FACT_DISPUTE_WON, .minute = 50, .payment = "pi_1", .minor = 9900, .customer = ""},
        {.fact = FACT_PAYMENT_SUCCEEDED, .minute = 40, .payment = "pi_3", .minor = 800, .currency = "JPY"},
        {.fact = FACT_PAYMENT_FAILED, .minute = 60, .payment = "pi_4", .charge = "ch_5", .minor = 9900},
        {.fact = FACT_PAYMENT_FAILED, .minute = 61, .payment = "pi_4", .charge = "ch_6", .minor = 9900},
        // Another customer's.
        {.fact = FACT_PAYMENT_SUCCEEDED, .minute = 5, .payment = "pi_9", .minor = 77, .customer = "cus_2"},
    };
    return all;
}

class Profiles {
public:
    void keep(std::span<const ToldFact> facts) {
        must(transact(connection_, [&](Transaction& tx) { enrichment::keep_facts(tx, facts); }));
    }
    void forget(const Uuid& event) {
        must(transact(connection_, [&](Transaction& tx) {
            enrichment::forget_facts(tx, std::array{tenant}, std::array{event});
        }));
    }
    void clear() { open(database_.owner()).execute_script("truncate enrichment.fact, enrichment.customer"); }
    std::optional<v1::CustomerHistory> history(const ToldFact& told) {
        return must(transact(connection_,
                             [&](Transaction& tx) { return enrichment::read_histories(tx, {&told, 1}); }))
            .front();
    }
    // Facts whose history is another when it is reckoned among all of them than when it is by itself.
    std::int64_t different_in_a_batch() {
        return connection_.execute(different_histories).only().get<std::int64_t>(0);
    }
    std::string profile(const std::string& customer = "cus_1") {
        auto text = connection_
                        .execute(
                            "select concat_ws(' ', p.orders, p.payments, p.failures, "
                            "p.failures_in_row, p.disputes, extract(epoch from "
                            "p.last_payment)::bigint - $3) from enrichment.profile($1, 'stripe', "
                            "$2, false) p",
                            tenant, customer, begin)
                        .only()
                        .get<std::string>(0);
        for (const auto row : connection_.execute("select concat_ws(' ', v.currency, v.paid_minor, "
                                                  "v.refunded_minor) from enrichment.value($1, 'stripe', "
                                                  "$2, false) v order by 1",
                                                  tenant, customer))
            text += "; " + row.get<std::string>(0);
        for (const auto row : connection_.execute(
                 "select concat_ws(' ', extract(epoch from first_at)::bigint - $3, extract(epoch from "
                 "last_at)::bigint - $3) from enrichment.customer where tenant = $1 and customer = $2",
                 tenant, customer, begin))
            text += "; " + row.get<std::string>(0);
        return text;
    }

private:
    Database database_{enrichment_schemas()};
    postgres::Connection connection_ = open(database_.service("enrichment"));
};

// Five failures, of which the last two in a row; payments of 99.00 and 50.00 dollars and of 800 yen; 25.00
// back.
constexpr const char* whole_life = "0 3 4 2 1 2400; JPY 800 0; USD 14900 2500; 0 3660";

}  // namespace

TEST_CASE("a customer's life gives one profile in whatever order and batches it comes") {
    std::mt19937 random{Catch::rngSeed()};
    Profiles profiles;
    std::vector<ToldFact> facts;
    for (int round = 0; round < 12; ++round) {
        profiles.clear();
        std::vector<Told> order = life();
        if (round > 0) std::ranges::shuffle(order, random);
        facts.clear();
        for (const Told& told : order) facts.push_back(told_fact(told));
        std::span<const ToldFact> left{facts};
        while (!left.empty()) {
            const std::size_t size = std::min<std::size_t>(1 + random() % 6, left.size());
            profiles.keep(left.first(size));
            left = left.subspan(size);
        }
        CHECK(profiles.profile() == whole_life);
        CHECK(profiles.profile("cus_2") == "0 1 0 0 0 300; USD 77 0; 300 300");
        CHECK(profiles.different_in_a_batch() == 0);
    }
}

TEST_CASE("what is told again and what is forgotten leave the profile as if it had been so from the start") {
    Profiles profiles;
    std::vector<ToldFact> facts;
    for (const Told& told : life()) facts.push_back(told_fact(told));
    profiles.keep(facts);
    // As an earlier build had read an event, and this one reads it otherwise.
    const ToldFact misread =
        told_fact({.fact = v1::FACT_PAYMENT_SUCCEEDED, .minute = 62, .payment = "pi_5", .minor = 1'000'000});
    profiles.keep({&misread, 1});
    CHECK(profiles.profile() != whole_life);
    profiles.forget(misread.event);
    CHECK(profiles.profile().starts_with("0 3 4 2 1 2400; JPY 800 0; USD 14900 2500"));
}

TEST_CASE("amounts that no sum can hold are told as the most there is") {
    Profiles profiles;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    std::vector<ToldFact> facts;
    for (const std::string payment : {"pi_1", "pi_2"}) {
        facts.push_back(
            told_fact({.fact = v1::FACT_PAYMENT_SUCCEEDED, .minute = 1, .payment = payment, .minor = most}));
    }
    profiles.keep(facts);
    CHECK(profiles.profile() == "0 2 0 0 0 60; USD 9223372036854775807 0; 60 60");
}

TEST_CASE("a history is of what had happened before, and not of the event itself or its siblings") {
    Profiles profiles;
    std::vector<ToldFact> facts;
    for (const Told& told : life()) facts.push_back(told_fact(told));
    profiles.keep(facts);
    const auto history = [&](const Told& told) { return profiles.history(told_fact(told)); };

    const auto first =
        history({.fact = v1::FACT_PAYMENT_SUCCEEDED, .minute = 3, .payment = "pi_1", .minor = 9900});
    REQUIRE(first);
    CHECK(first->payments() == 0);
    CHECK(first->failures() == 2);
    CHECK_FALSE(first->has_last_payment());
    CHECK(first->customer_since().seconds() == begin);

    const auto second =
        history({.fact = v1::FACT_PAYMENT_SUCCEEDED, .minute = 10, .payment = "pi_2", .minor = 5000});
    CHECK(second->payments() == 1);
    CHECK(second->lifetime_paid().minor() == 9900);
    CHECK(second->lifetime_paid().currency() == "USD");
    CHECK(second->last_payment().seconds() == begin + 180);

    // Whose the dispute is follows from its payment.
    const auto dispute = history(
        {.fact = v1::FACT_DISPUTE_OPENED, .minute = 30, .payment = "pi_1", .minor = 9900, .customer = ""});
    REQUIRE(dispute);
    CHECK(dispute->payments() == 2);
    CHECK(dispute->disputes() == 0);
    CHECK(dispute->lifetime_paid().minor() == 12400);
    CHECK_FALSE(history({.fact = v1::FACT_DISPUTE_OPENED, .minute = 30, .payment = "pi_0", .customer = ""}));
}

TEST_CASE("a payment event carries the history and what follows from it") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const auto event = [](const std::string& type, const std::string& members, std::int64_t created) {
        return raw_event(type, fmt::format(R"({{"object": "event", "created": {}, "data": {{"object": {{
                                  "customer": "cus_7", "currency": "usd", {}}}}}}})",
                                           created, members));
    };
    const archive::Event paid =
        event("payment_intent.succeeded", R"("id": "pi_1", "amount_received": 500)", begin);
    const archive::Event failed =
        event("payment_intent.payment_failed", R"("id": "pi_2", "amount": 700)", begin + 60);
    const archive::Event again =
        event("payment_intent.succeeded", R"("id": "pi_2", "amount_received": 700)", begin + 120);
    world.pipeline().put({paid, failed, again});
    REQUIRE(world.payments(3).size() == 3);
    CHECK(world.payment(paid.id)->history().payments() == 0);
    CHECK(world.payment(paid.id)->priority() == v1::PRIORITY_INFORMATION);
    CHECK(world.payment(failed.id)->history().payments() == 1);
    CHECK(world.payment(failed.id)->history().lifetime_paid().minor() == 500);
    CHECK(world.payment(failed.id)->priority() == v1::PRIORITY_TODAY);
    CHECK(world.payment(again.id)->history().failures() == 1);
    // A redo tells the same once.
    world.redo({paid.id, again.id});
    REQUIRE(comes_true([&] { return world.count("journal.entry where topic = 'payment'") == 5; }));
    CHECK(world.count("enrichment.fact where kind = 'payment'") == 2);
    CHECK(world.payment(again.id)->history().payments() == 1);
}
