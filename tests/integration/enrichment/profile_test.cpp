// A customer's profile is the same in whatever order their life comes in, and however often it is told.
#include "enrichment/profile.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "enrichment/customers.hpp"
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
    std::int64_t released = 0;
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
    if (told.released > 0) event.mutable_amount_released()->set_minor(told.released);
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
        {.fact = FACT_REFUND_SUCCEEDED, .minute = 9, .payment = "pi_2", .minor = 1200, .refund = "re_0"},
        {.fact = FACT_PAYMENT_SUCCEEDED, .minute = 10, .payment = "pi_2", .minor = 5000, .released = 1200},
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
    std::chrono::milliseconds time_of(std::span<const ToldFact> facts) {
        const auto began = std::chrono::steady_clock::now();
        must(transact(connection_, [&](Transaction& tx) { enrichment::read_histories(tx, facts); }));
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                     began);
    }
    // Of a customer, and what is told of each when many ask at once is what each is told by itself.
    std::size_t different_in_a_batch(std::span<const ToldFact> facts) {
        const auto together = must(
            transact(connection_, [&](Transaction& tx) { return enrichment::read_histories(tx, facts); }));
        std::size_t different = 0;
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const auto alone = history(facts[i]);
            const auto text = [](const auto& each) { return each ? each->SerializeAsString() : "none"; };
            different += text(alone) == text(together[i]) ? 0 : 1;
        }
        return different;
    }
    std::string profile(const std::string& customer = "cus_1") {
        const auto profiles = must(transact(connection_, [&](Transaction& tx) {
            return enrichment::read_profiles(tx, tenant, "stripe", customer);
        }));
        const auto seconds = [](Timestamp at) {
            return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count() - begin;
        };
        REQUIRE(profiles.size() == 1);
        const auto& one = profiles.front();
        auto text = fmt::format("{} {} {} {} {}", one.orders, one.payments, one.failures, one.failures_in_row,
                                one.disputes);
        if (one.last_payment) text += fmt::format(" {}", seconds(*one.last_payment));
        for (const auto& value : one.values)
            text += fmt::format("; {} {} {}", value.currency, value.paid, value.refunded);
        return text + fmt::format("; {} {}", seconds(one.first_at), seconds(one.last_at));
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
        CHECK(profiles.different_in_a_batch(facts) == 0);
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

TEST_CASE("a customer of thousands of payments is reckoned in one pass for all that ask") {
    Profiles profiles;
    std::vector<ToldFact> facts;
    for (int i = 0; i < 5000; ++i) {
        const bool refund = i % 10 == 9;
        facts.push_back(told_fact({.fact = refund ? v1::FACT_REFUND_SUCCEEDED : v1::FACT_PAYMENT_SUCCEEDED,
                                   .minute = i,
                                   .payment = fmt::format("pi_{}", refund ? i - 5 : i),
                                   .minor = refund ? 100 : 900,
                                   .refund = refund ? fmt::format("re_{}", i) : "",
                                   .customer = "walk-in"}));
    }
    profiles.keep(facts);
    for (const std::size_t size : {1U, 50U, 200U, 500U}) {
        const auto took = profiles.time_of(std::span{facts}.last(size));
        INFO("a batch of " << size << " took " << took.count() << " ms");
        CHECK(took < std::chrono::seconds{2});
    }
    const auto last = profiles.history(facts.back());
    REQUIRE(last);
    CHECK(last->payments() == 4500);
    CHECK(last->lifetime_paid().minor() == 4500 * 900 - 499 * 100);
}
