#include <algorithm>

#include <catch2/catch.hpp>

#include "billing/lone_payments.hpp"

using namespace tollgate;
using billing::Lone;
using billing::LonePayment;
using billing::pair_up;
using billing::PaymentKey;

namespace {

const Uuid tenant = make_uuid_v7();

LonePayment lone(Lone side, int minute, std::int64_t minor = 5000, const std::string& customer = "cus_1") {
    return {.key = {tenant, make_uuid_v7()},
            .payer = {.realm = {.tenant = tenant, .provider = "stripe"}, .customer = customer},
            .side = side,
            .paid_at = Timestamp{std::chrono::minutes{minute}},
            .minor = minor,
            .currency = "USD"};
}

// Whatever their order.
std::size_t pairs(std::vector<LonePayment> all) {
    const auto by_key = [](const LonePayment& each) { return each.key; };
    const std::size_t first = pair_up(all).size();
    std::ranges::sort(all, {}, by_key);
    do CHECK(pair_up(all) == pair_up({all.rbegin(), all.rend()}));
    while (std::ranges::next_permutation(all, {}, by_key).found);
    return first;
}

}  // namespace

TEST_CASE("an invoice is taken for a payment of the same payer, amount and time, and for no other") {
    const LonePayment invoice = lone(Lone::invoice, 60);
    const LonePayment payment = lone(Lone::payment, 61);
    CHECK(pair_up({invoice, payment}) == std::map<PaymentKey, Uuid>{{invoice.key, payment.key.second}});
    CHECK(pairs({invoice, lone(Lone::payment, 71)}) == 0);
    CHECK(pairs({invoice, lone(Lone::payment, 49)}) == 0);
    CHECK(pairs({invoice, lone(Lone::payment, 60, 5001)}) == 0);
    CHECK(pairs({invoice, lone(Lone::payment, 60, 5000, "cus_2")}) == 0);
    CHECK(pairs({invoice, lone(Lone::invoice, 60)}) == 0);
    LonePayment other = lone(Lone::payment, 60);
    other.payer.realm.within = "source/south";
    CHECK(pairs({invoice, other}) == 0);
    other.payer.realm.within = "";
    other.currency = "EUR";
    CHECK(pairs({invoice, other}) == 0);
}

TEST_CASE("each payment is one invoice's, and as many find theirs as can") {
    CHECK(pairs({lone(Lone::invoice, 60), lone(Lone::invoice, 60), lone(Lone::payment, 60)}) == 1);
    CHECK(pairs({lone(Lone::invoice, 60), lone(Lone::invoice, 61), lone(Lone::payment, 60),
                 lone(Lone::payment, 61)}) == 2);
    // Whoever took the nearest would leave the other with none.
    CHECK(pairs({lone(Lone::invoice, 60), lone(Lone::invoice, 68), lone(Lone::payment, 51),
                 lone(Lone::payment, 67)}) == 2);
}
