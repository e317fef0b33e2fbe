// The table of layouts is sound: every name in it is known, and every fact has words of its own.
#include "delivery/layouts.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "delivery/compose.hpp"
#include "delivery/event_words.hpp"
#include "delivery/template_text.hpp"
#include "unit/delivery/examples.hpp"

using namespace std::chrono_literals;
using namespace tollgate::delivery;
using tollgate::test::circumstances;
using tollgate::test::event_of;
using tollgate::test::example;
using tollgate::v1::PaymentEvent;

namespace {

std::vector<const Layout*> all_layouts() {
    std::vector<const Layout*> all{&other_layout()};
    for (const auto layouts : {payment_layouts(), money_back_layouts(), subscription_layouts(),
                               trial_layouts(), customer_layouts()}) {
        for (const Layout& layout : layouts) all.push_back(&layout);
    }
    return all;
}

std::vector<std::string_view> templates_of(const Layout& layout) {
    std::vector<std::string_view> all{layout.neutral.headline, layout.neutral.meaning, layout.advice};
    for (const Voice& voice : layout.playful) {
        all.push_back(voice.headline);
        all.push_back(voice.meaning);
    }
    for (const RowTemplate& row : layout.rows) all.push_back(row.value);
    return all;
}

std::set<std::string_view> headlines(const PaymentEvent& event, Tone tone) {
    static std::set<std::string> kept;
    std::set<std::string_view> seen;
    for (int i = 0; i < 50; ++i) {
        auto around = circumstances(tone);
        around.event_id = "event-" + std::to_string(i);
        seen.insert(*kept.insert(compose(event, around).headline).first);
    }
    return seen;
}

}  // namespace

TEST_CASE("every name in a layout is one that an event can tell") {
    const auto names = known_names();
    for (const Layout* const layout : all_layouts()) {
        for (const std::string_view text : templates_of(*layout)) {
            INFO(layout->name << ": " << text);
            CHECK(std::ranges::count(text, '[') == std::ranges::count(text, ']'));
            std::set<std::string_view> used;
            const auto collect = [&](std::string_view name) {
                used.insert(name);
                return Text{};
            };
            fill(text, collect);
            for (const std::string_view name : used) CHECK(std::ranges::count(names, name) == 1);
        }
    }
}

TEST_CASE("every layout has a headline for an event of which nothing is known") {
    const auto nothing = [](std::string_view) { return Text{}; };
    std::set<std::string_view> names;
    for (const Layout* const layout : all_layouts()) {
        INFO(layout->name);
        CHECK(names.insert(layout->name).second);
        CHECK_FALSE(fill(layout->neutral.headline, nothing)->empty());
        CHECK(fill(layout->neutral.meaning, nothing));
        CHECK(fill(layout->advice, nothing));
        for (const Voice& voice : layout->playful) {
            CHECK_FALSE(fill(voice.headline, nothing)->empty());
            CHECK(fill(voice.meaning, nothing));
            CHECK_FALSE(voice.emoji.empty());
        }
        CHECK_FALSE(layout->emoji.empty());
        CHECK_FALSE(layout->one.empty());
        CHECK_FALSE(layout->many.empty());
        CHECK_FALSE(layout->rows.empty());
    }
}

TEST_CASE("every fact of the contract has a layout") {
    const auto& facts = *tollgate::v1::Fact_descriptor();
    for (int i = 0; i < facts.value_count(); ++i) {
        PaymentEvent event;
        event.set_fact(static_cast<tollgate::v1::Fact>(facts.value(i)->number()));
        INFO(facts.value(i)->name());
        CHECK((&layout_of(event) == &other_layout()) == (event.fact() == tollgate::v1::FACT_UNSPECIFIED));
    }
}

TEST_CASE("the same fact reads differently where it means something else") {
    const auto name = [](std::string_view text) { return layout_of(event_of(text)).name; };
    CHECK(name("fact: FACT_PAYMENT_SUCCEEDED") == "payment");
    CHECK(name("fact: FACT_PAYMENT_SUCCEEDED history { payments: 1 }") == "payment");
    CHECK(name("fact: FACT_PAYMENT_SUCCEEDED history { }") == "payment_first");
    CHECK(name("fact: FACT_PAYMENT_SUCCEEDED attempt: 1") == "payment");
    CHECK(name("fact: FACT_PAYMENT_SUCCEEDED attempt: 2") == "payment_recovered");
    CHECK(name("fact: FACT_PAYMENT_FAILED attempt: 3 attempts_max: 4") == "payment_failed");
    CHECK(name("fact: FACT_PAYMENT_FAILED attempt: 4 attempts_max: 4") == "payment_failed_last");
    CHECK(name("fact: FACT_PAYMENT_FAILED attempt: 4") == "payment_failed");
    CHECK(name("fact: FACT_PAYMENT_FAILED attempt: 4 attempts_max: 4 next_attempt { seconds: 1795680000 }") ==
          "payment_failed");
    CHECK(name(R"(provider_event_type: "email.delivery_delayed" subject { kind: SUBJECT_KIND_MESSAGE })") ==
          "mail_delayed");
    CHECK(name(R"(provider_event_type: "email.bounced")") == "other");
    // A fact of next year.
    PaymentEvent event;
    event.set_fact(static_cast<tollgate::v1::Fact>(999));
    CHECK(layout_of(event).name == "other");
}

TEST_CASE("the playful tone varies by event, and the neutral one does not") {
    CHECK(headlines(example("payment"), Tone::playful).size() == 3);
    CHECK(headlines(example("payment"), Tone::neutral).size() == 1);
    CHECK(compose(example("payment"), circumstances(Tone::neutral)).emoji.empty());
}

TEST_CASE("nobody jokes about what is serious") {
    const auto jokes = [](const PaymentEvent& event) { return headlines(event, Tone::playful).size() > 1; };
    PaymentEvent failed = example("payment_failed");
    CHECK(jokes(failed));
    failed.mutable_history()->set_value_percentile(90);
    CHECK_FALSE(jokes(failed));
    failed.mutable_history()->set_value_percentile(89);
    failed.set_priority(tollgate::v1::PRIORITY_ACT_NOW);
    CHECK_FALSE(jokes(failed));
    for (const std::string_view name :
         {"dispute_opened", "dispute_won", "dispute_lost", "subscription_ended",
          "subscription_cancel_scheduled", "subscription_downgraded", "payment_failed_last"}) {
        INFO(name);
        CHECK(layout_of(example(name)).playful.empty());
    }
}

TEST_CASE("only what is known is told") {
    for (const auto& [name, event] : tollgate::test::examples()) {
        const Message message = compose(event, circumstances(Tone::neutral));
        INFO(name);
        CHECK(message.facts.size() <= facts_max);
        for (const Row& row : message.facts) {
            CHECK_FALSE(row.value.words().empty());
            CHECK_THAT(row.value.words(), !Catch::Contains("N/A") && !Catch::Contains("{"));
        }
    }
}

TEST_CASE("an attempt that lies behind us is not announced") {
    auto around = circumstances(Tone::neutral);
    around.clock.now += std::chrono::days{7};
    const Message message = compose(example("payment_failed"), around);
    CHECK(message.meaning.words() == "It was declined: insufficient funds.");
    CHECK(message.advice == "Ask the customer for another card.");
    CHECK(std::ranges::find(message.facts, "Next attempt", &Row::label) == message.facts.end());
}

TEST_CASE("since when somebody pays is told from the second day on") {
    auto around = circumstances(Tone::neutral);
    const auto event = example("payment");
    const tollgate::Timestamp since{std::chrono::seconds{event.history().customer_since().seconds()}};
    const auto tells = [&](std::chrono::hours later) {
        around.clock.now = since + later;
        const auto history = compose(event, around).history;
        return std::ranges::any_of(history,
                                   [](const std::string& line) { return line.starts_with("Customer for"); });
    };
    CHECK_FALSE(tells(std::chrono::hours{23}));
    CHECK(tells(std::chrono::hours{24}));
}

TEST_CASE("an address is shown as the tenant wants it") {
    auto around = circumstances(Tone::neutral);
    const auto contact = [&](EmailAddresses choice) {
        around.email_addresses = choice;
        const auto facts = compose(example("payment"), around).facts;
        return std::ranges::find(facts, "Contact", &Row::label)->value.words();
    };
    CHECK(contact(EmailAddresses::masked) == "Ada Lovelace, a•••@acme.com");
    CHECK(contact(EmailAddresses::full) == "Ada Lovelace, ada@acme.com");
    CHECK(contact(EmailAddresses::hidden) == "Ada Lovelace");
}

TEST_CASE("an address that comes with a name is masked as one without") {
    PaymentEvent event;
    event.set_fact(tollgate::v1::FACT_CUSTOMER_CREATED);
    event.mutable_customer()->set_email("Ada Lovelace <ada@acme.com>");
    CHECK(compose(event, circumstances(Tone::neutral)).headline == "New customer: a•••@acme.com");
}

TEST_CASE("a countdown says what the notice said, and what has passed is not to come") {
    const auto around = circumstances(Tone::neutral);
    const auto at = [&](std::chrono::seconds later) {
        return std::chrono::floor<std::chrono::seconds>(around.clock.now + later).time_since_epoch().count();
    };
    PaymentEvent trial = example("trial_ending");
    for (const auto& [left, told] : std::initializer_list<std::pair<std::chrono::seconds, std::string_view>>{
             {72h - 1min, "Trial ends in 3 days: "},
             {60h, "Trial ends in 2 days: "},
             {18h - 1min, "Trial ends in 18 hours: "},
             {1h - 1min, "Trial ends in 1 hour: "},
             {30min, "Trial ends in 31 minutes: "},
             {-1h, "Trial ended Sat 21 Nov: "}}) {
        INFO(told);
        trial.mutable_trial_end()->set_seconds(at(left));
        CHECK_THAT(compose(trial, around).headline, Catch::StartsWith(std::string{told}));
    }
    PaymentEvent dispute = example("dispute_opened");
    dispute.mutable_evidence_due()->set_seconds(at(240h));
    CHECK_THAT(compose(dispute, around).advice, Catch::Contains("and answer before "));
    dispute.mutable_evidence_due()->set_seconds(at(-1h));
    CHECK_THAT(compose(dispute, around).advice, Catch::StartsWith("The time to answer ended "));
    dispute.clear_evidence_due();
    CHECK_THAT(compose(dispute, around).advice, Catch::EndsWith("and answer before the deadline."));
}

TEST_CASE("what enrichment decided comes before what the layout says") {
    const Message message = compose(example("advised"), circumstances(Tone::neutral));
    CHECK(message.priority == tollgate::v1::PRIORITY_TODAY);
    CHECK(message.advice == "Ship it before noon.");
    PaymentEvent event = example("payment_failed");
    event.set_priority(static_cast<tollgate::v1::Priority>(77));
    CHECK(priority_of(event) == tollgate::v1::PRIORITY_TODAY);
    event.set_priority(tollgate::v1::PRIORITY_ACT_NOW);
    CHECK(compose(event, circumstances(Tone::neutral)).colour == Colour::red);
}
