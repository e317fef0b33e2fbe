// What a customer's facts add up to: which are of one payment, and what is left of its money.
#include "enrichment/reckoning.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::enrichment;

namespace {

constexpr Timestamp begin{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

struct Told {
    FactKind kind = FactKind::payment;
    std::vector<std::string> names;
    int minute = 0;
    std::int64_t minor = 9900;
    std::string object{};
    std::optional<std::int64_t> refunded{};
    std::optional<std::int64_t> released{};
};

CustomerFact fact(const Told& told) {
    return {.kind = told.kind,
            .object = told.object.empty() ? told.names.front() : told.object,
            .payment = told.names.front(),
            .names = told.names,
            .customer = "cus_1",
            .at = begin + std::chrono::minutes{told.minute},
            .amount = told.minor > 0 ? std::optional{archive::Amount{.minor = told.minor, .currency = "USD"}}
                                     : std::nullopt,
            .refunded = told.refunded,
            .released = told.released};
}

std::vector<CustomerFact> facts(const std::vector<Told>& all) {
    std::vector<CustomerFact> made;
    for (const Told& told : all) made.push_back(fact(told));
    return made;
}

Standing in_all(const std::vector<Told>& all) {
    const auto kept = facts(all);
    const Question question;
    return reckon(kept, {&question, 1}).front();
}

// As the event itself would tell it, that is among them.
Standing before(const std::vector<CustomerFact>& kept, const CustomerFact& event) {
    const Question question{.until = *event.at, .but = &event};
    return reckon(kept, {&question, 1}).front();
}

const Told invoice{.names = {"invoice/in_1"}};
const Told intent{.names = {"payment/pi_1", "charge/ch_1"}};
const Told charge{.names = {"payment/pi_1", "charge/ch_1"}};

}  // namespace

TEST_CASE("an invoice and its payment, which name nothing in common, are one payment") {
    const Standing one = in_all({invoice, intent, charge});
    CHECK(one.payments == 1);
    CHECK(one.values.at("USD").paid == 9900);
    // Neither sees the other before it, whichever comes first.
    const auto kept = facts({invoice, intent, charge});
    for (const CustomerFact& event : kept) CHECK(before(kept, event).payments == 0);

    // The next month's is a second one.
    const Standing two = in_all({invoice,
                                 intent,
                                 {.names = {"invoice/in_2"}, .minute = 43'200},
                                 {.names = {"payment/pi_2"}, .minute = 43'201}});
    CHECK(two.payments == 2);
    CHECK(two.values.at("USD").paid == 2 * 9900);
}

TEST_CASE("the second invoice that is paid is no first payment") {
    const auto kept = facts({invoice, {.names = {"invoice/in_2"}, .minute = 43'200}});
    CHECK(before(kept, kept[0]).payments == 0);
    CHECK(before(kept, kept[1]).payments == 1);
    CHECK(before(kept, kept[1]).last_payment == begin);
}

TEST_CASE("a bill is no payment's that is far from it, of another amount or of another bill") {
    CHECK(in_all({invoice, {.names = {"payment/pi_1"}, .minute = 11}}).payments == 2);
    CHECK(in_all({invoice, {.names = {"payment/pi_1"}, .minor = 9901}}).payments == 2);
    CHECK(in_all({invoice, {.names = {"payment/pi_1", "invoice/in_2"}}}).payments == 2);
    // One payment is one bill's.
    CHECK(in_all({invoice, {.names = {"invoice/in_2"}}, intent}).payments == 2);
    // What is told of their belonging together later holds from the start.
    const Told link{
        .kind = FactKind::link, .names = {"payment/pi_1", "invoice/in_1"}, .minute = 90, .minor = 0};
    CHECK(in_all({invoice, {.names = {"payment/pi_1"}, .minute = 60}, link}).payments == 1);
    // A bill that two payments paid is what both of them are.
    const Standing parts = in_all({{.names = {"payment/pi_1", "invoice/in_1"}, .minor = 6000},
                                   {.names = {"payment/pi_2", "invoice/in_1"}, .minor = 4000},
                                   {.names = {"invoice/in_1"}, .minute = 1, .minor = 9900}});
    CHECK(parts.values.at("USD").paid == 10'000);
}

TEST_CASE("an attempt is told by the invoice, the payment and the charge, and is one failure") {
    const auto failure = [](std::vector<std::string> names, const std::string& object, int minute) {
        return Told{.kind = FactKind::failure, .names = std::move(names), .minute = minute, .object = object};
    };
    const std::vector<Told> first{failure({"charge/ch_1", "payment/pi_1"}, "ch_1", 0),
                                  failure({"payment/pi_1", "charge/ch_1"}, "ch_1", 0),
                                  failure({"invoice/in_1"}, "in_1#1", 0)};
    CHECK(in_all(first).failures == 1);
    const auto kept = facts(first);
    for (const CustomerFact& event : kept) CHECK(before(kept, event).failures == 0);
    std::vector<Told> second = first;
    second.push_back(failure({"charge/ch_2", "payment/pi_1"}, "ch_2", 4320));
    second.push_back(failure({"invoice/in_1"}, "in_1#2", 4320));
    CHECK(in_all(second).failures == 2);
    // Three cards within minutes are three attempts, and the invoice's number tells which is which.
    CHECK(in_all({failure({"charge/ch_1", "payment/pi_1"}, "ch_1", 0),
                  failure({"charge/ch_2", "payment/pi_1"}, "ch_2", 1),
                  failure({"charge/ch_3", "payment/pi_1"}, "ch_3", 2), failure({"invoice/in_1"}, "in_1#1", 0),
                  failure({"invoice/in_1"}, "in_1#2", 1), failure({"invoice/in_1"}, "in_1#3", 2)})
              .failures == 3);
}

TEST_CASE("a refund that failed takes back itself alone") {
    const auto refund = [](const std::string& object, int minute, std::int64_t minor, std::int64_t whole,
                           FactKind kind = FactKind::refund) {
        return Told{.kind = kind,
                    .names = {"payment/pi_1"},
                    .minute = minute,
                    .minor = minor,
                    .object = object,
                    .refunded = whole > 0 ? std::optional{whole} : std::nullopt};
    };
    const Told paid{.names = {"payment/pi_1"}, .minor = 50'000};
    const auto given_back = [&](std::vector<Told> told) {
        told.push_back(paid);
        return in_all(told).values.at("USD").refunded;
    };
    // Never counted by the payment, as Razorpay's.
    CHECK(given_back({refund("rfnd_1", 1, 30'000, 30'000),
                      refund("rfnd_2", 2, 20'000, 0, FactKind::failed_refund)}) == 30'000);
    // Counted before it failed, and named by no id, as Stripe's.
    CHECK(given_back({refund("ch_1", 1, 0, 3000), refund("ch_1", 2, 0, 5000),
                      refund("re_2", 3, 2000, 0, FactKind::failed_refund)}) == 3000);
    // Said again after that.
    CHECK(given_back({refund("ch_1", 1, 0, 5000), refund("re_2", 2, 2000, 0, FactKind::failed_refund),
                      refund("ch_1", 3, 0, 4000)}) == 4000);
    CHECK(given_back({refund("re_1", 1, 3000, 0), refund("re_2", 1, 2000, 0),
                      refund("re_2", 2, 2000, 0, FactKind::failed_refund)}) == 3000);
    CHECK(given_back({refund("re_1", 1, 60'000, 0)}) == 50'000);
}

TEST_CASE("a refund of what was reserved and never taken is no money given back") {
    const auto refund = [](const std::string& object, int minute, std::int64_t minor) {
        return Told{.kind = FactKind::refund,
                    .names = {"payment/pi_1", "charge/ch_1"},
                    .minute = minute,
                    .minor = minor,
                    .object = object};
    };
    const Told captured{.names = {"payment/pi_1", "charge/ch_1"}, .minor = 4000, .released = 5900};
    const auto given_back = [&](std::vector<Told> told) {
        told.push_back(captured);
        return in_all(told).values.at("USD").refunded;
    };
    CHECK(given_back({refund("re_1", 0, 5900)}) == 0);
    CHECK(given_back({refund("re_1", 1, 5900), refund("re_2", 2, 1000)}) == 1000);
    Told in_all_back = refund("ch_1", 3, 0);
    in_all_back.refunded = 1500;
    CHECK(given_back({refund("re_1", 1, 5900), refund("re_2", 2, 1000), in_all_back}) == 1500);
    // One is of another payment.
    Told of_other = refund("re_3", 1, 5900);
    of_other.names = {"payment/pi_2", "invoice/in_1"};
    const Standing bill =
        in_all({{.names = {"payment/pi_1", "invoice/in_1"}, .minor = 4000, .released = 5900},
                {.names = {"payment/pi_2", "invoice/in_1"}, .minor = 6000},
                of_other});
    CHECK(bill.values.at("USD").refunded == 5900);
}
