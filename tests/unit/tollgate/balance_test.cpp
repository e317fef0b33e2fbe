#include "tollgate/balance.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace std::chrono_literals;
using Catch::Contains;
using ingress::Number;

namespace {

const Timestamp hour = *parse_rfc3339("2026-11-21T22:00:00Z");
using Kinds = std::vector<std::string>;

BalanceFrame frame() {
    return {.books = {.now = hour + 3h,
                      .kept_since = std::nullopt,
                      .reach = std::nullopt,
                      .published_since = hour - 24h,
                      .bus = "kafka",
                      .consumers = {{"billing", "payment"}, {"enrichment", "raw"}}},
            .counted_since = hour - 24h,
            .settled = hour + 2h,
            .silent = {}};
}

Number number(std::int64_t all) {
    return {.all = all, .old = all};
}

// Ten events, one of which is held as a conflict that an operator has discarded.
HourBooks in_order() {
    HourBooks books{.hour = hour,
                    .tenant = make_uuid_v4(),
                    .tenant_slug = "acme",
                    .answers = {.hour = hour, .accepted = 9, .held = 1, .duplicates = 4},
                    .conflicts = 0,
                    .books = {}};
    books.books.stored = number(10);
    books.books.withheld = number(1);
    books.books.payments = number(9);
    books.books.published = {{"raw", {.all = 9, .old = 2}}, {"payment", number(9)}};
    for (const std::string name : {"billing", "enrichment"})
        books.books.consumers[name] = {.due = number(9), .taken = number(9)};
    return books;
}

Kinds kinds(const HourBooks& books, const BalanceFrame& of = frame()) {
    Kinds found;
    for (const Imbalance& each : balance(books, of)) found.push_back(each.kind);
    return found;
}

Imbalance only(const HourBooks& books, const BalanceFrame& of = frame()) {
    const auto found = balance(books, of);
    REQUIRE(found.size() == 1);
    return found[0];
}

}  // namespace

TEST_CASE("books that balance have no exception") {
    CHECK(kinds(in_order()).empty());
    CHECK(kinds({.hour = hour, .tenant = make_uuid_v4()}).empty());
}

TEST_CASE("an answer without an event is a loss, and an event without an answer is told apart") {
    HourBooks books = in_order();
    books.answers.accepted = 11;
    const Imbalance lost = only(books);
    CHECK(lost.kind == "lost");
    CHECK(lost.number == 2);
    CHECK_THAT(lost.what, Contains("migrate --restored"));
    // What is to be looked at first.
    CHECK_THAT(lost.command, Contains("event list --tenant acme --since 2026-11-21T22:00:00.000Z"));

    books.answers.accepted = 7;
    const Imbalance uncounted = only(books);
    CHECK(uncounted.kind == "uncounted");
    CHECK(uncounted.number == 2);
    CHECK_THAT(uncounted.command, Contains("event list --tenant acme --since 2026-11-21T22:00:00.000Z"));
    // Their senders were told 503.
    books.answers.in_doubt = 2;
    CHECK(kinds(books).empty());
    books.doubts = {.known = 2, .stored = 2};
    CHECK(kinds(books).empty());
    books.doubts = {.known = 2, .stored = 1};
    CHECK(only(books).kind == "uncounted");
    CHECK(only(books).number == 1);
    // What came a moment ago is counted in a moment.
    books.doubts = {};
    books.answers.in_doubt = 0;
    books.books.stored.old = 8;
    CHECK(kinds(books).empty());
}

TEST_CASE("what is stored of doubts hides no loss") {
    HourBooks books = in_order();
    books.answers.in_doubt = 3;
    books.doubts = {.known = 3, .stored = 2};
    const Imbalance lost = only(books);
    CHECK(lost.kind == "lost");
    CHECK(lost.number == 2);
    books.doubts.stored = 0;
    CHECK(kinds(books).empty());
}

TEST_CASE("what nobody was registered for when it came is told, by topic") {
    HourBooks books = in_order();
    books.books.consumers["enrichment"] = {};
    const Imbalance unconsumed = only(books);
    CHECK(unconsumed.kind == "unconsumed");
    CHECK(unconsumed.number == 9);
    CHECK_THAT(unconsumed.what, Contains("on raw"));
    CHECK(unconsumed.command == "tollgate consumer list");
    BalanceFrame nobody = frame();
    nobody.books.consumers.clear();
    books.books.consumers.clear();
    CHECK(kinds(books, nobody) == Kinds{"unconsumed", "unconsumed"});
    // Of two that read it one that was there is enough; it may have been registered within the hour.
    books = in_order();
    nobody = frame();
    nobody.books.consumers["example"] = "raw";
    CHECK(kinds(books, nobody).empty());
    books.books.consumers["enrichment"].due = books.books.consumers["enrichment"].taken = number(6);
    CHECK(only(books).kind == "unconsumed");
    CHECK(only(books).number == 3);
}

TEST_CASE("a process that was killed explains no more events than came about then, and no loss") {
    HourBooks books = in_order();
    books.answers.accepted = 7;
    books.in_gaps = 5;
    const Imbalance gap = only(books);
    CHECK(gap.kind == "gap");
    CHECK(gap.number == 2);
    CHECK_THAT(gap.what, Contains("5 came about then, so as many as 3 may be lost and not show"));
    books.in_gaps = 2;
    CHECK_THAT(only(books).what, !Contains("lost"));
    // Another tenant of the same hour, or an hour behind.
    books.in_gaps = 0;
    CHECK(only(books).kind == "uncounted");
    books.in_gaps = 1;
    CHECK(kinds(books) == Kinds{"gap", "uncounted"});
    books.answers.accepted = 11;
    CHECK(only(books).kind == "lost");
}

TEST_CASE("the gap of a process that was killed is from its last word on, in whichever hours that is") {
    BalanceFrame killed = frame();
    const auto kill = [&](Timestamp last_word) {
        killed.silent.push_back({.process = make_uuid_v4(),
                                 .started_at = hour - 5h,
                                 .counted_until = last_word,
                                 .stopped_at = std::nullopt});
    };
    using Gaps = std::vector<std::pair<Timestamp, Timestamp>>;
    kill(hour + 30min);
    REQUIRE(gaps(killed).size() == 1);
    CHECK_THAT(gaps(killed)[0].what, Contains("after 2026-11-21T22:30:00.000Z is not counted"));
    CHECK(killed.gaps_in(hour) == Gaps{{hour + 30min, hour + 31min}});
    CHECK(killed.gaps_in(hour + 1h).empty());
    // No event is counted twice.
    kill(hour + 30min + 20s);
    CHECK(killed.gaps_in(hour) == Gaps{{hour + 30min, hour + 31min + 20s}});
    killed.silent.clear();
    kill(hour - 10s);
    CHECK(killed.gaps_in(hour) == Gaps{{hour, hour + 50s}});
    CHECK(killed.gaps_in(hour - 1h) == Gaps{{hour - 10s, hour}});
    killed.silent.clear();
    kill(hour - 1min);
    CHECK(killed.gaps_in(hour).empty());
}

TEST_CASE("what was before anybody counted is not compared") {
    HourBooks books = in_order();
    books.answers = {};
    BalanceFrame young = frame();
    young.counted_since = hour + 1h;
    CHECK(kinds(books, young).empty());
    young.counted_since = std::nullopt;
    CHECK(kinds(books, young).empty());
    // In the hour itself what came since counts, and no answer may be without an event still.
    young.counted_since = hour + 30min;
    books.books.countable = number(3);
    books.answers.accepted = 1;
    CHECK(only(books, young).number == 2);
    books.answers.accepted = 11;
    CHECK(only(books, young).kind == "lost");
}

TEST_CASE("what the relay has not published is told, unless it has set it aside or does not count yet") {
    HourBooks books = in_order();
    books.books.published["raw"].all = 7;
    CHECK(only(books).kind == "unpublished");
    CHECK(only(books).number == 2);
    BalanceFrame before = frame();
    before.books.published_since = hour + 1s;
    CHECK(kinds(books, before).empty());
    before.books.published_since = std::nullopt;
    CHECK(kinds(books, before).empty());
    // Consumers do not wait for it.
    books.books.refused["raw"] = 2;
    books.books.unpublishable["raw"] = number(2);
    books.books.consumers["enrichment"].taken = number(7);
    books.books.consumers["enrichment"].refused = number(2);
    const Imbalance refused = only(books);
    CHECK(refused.kind == "refused");
    CHECK_THAT(refused.command, Contains("dead-letter list --tenant acme --consumer relay"));
    // A repeat was refused whose first record all have got: it covers for nothing that is missing.
    books.books.unpublishable["raw"] = {};
    books.books.consumers["enrichment"].refused = {};
    CHECK(kinds(books) == Kinds{"refused", "unpublished", "waiting"});
    // Given up, and so discarded for who would have got it.
    books.books.refused["raw"] = 0;
    books.books.unpublishable["raw"] = number(2);
    books.books.consumers["enrichment"].taken = number(9);
    CHECK(kinds(books).empty());
    books = in_order();
    books.books.published["payment"].all = 10;
    CHECK(only(books).kind == "surplus");
}

TEST_CASE("what a consumer has not settled is told by what it is") {
    HourBooks books = in_order();
    ingress::ConsumerBooks& billing = books.books.consumers["billing"];
    billing.taken = {.all = 7, .old = 6};
    CHECK(only(books).kind == "waiting");
    CHECK(only(books).number == 3);
    CHECK(only(books).command == "tollgate consumer list");
    BalanceFrame journal = frame();
    journal.books.bus = "journal";
    CHECK(only(books, journal).command == "tollgate reader list");
    billing = {.due = number(9),
               .taken = number(9),
               .retrying = {.all = 2, .old = 1},
               .held = number(1),
               .dead = number(3)};
    CHECK(billing.settled() == 3);
    CHECK(kinds(books) == Kinds{"retrying", "held", "dead"});
    books.conflicts = 1;
    CHECK(kinds(books) == Kinds{"conflict", "retrying", "held", "dead"});
    books = in_order();
    books.books.consumers["enrichment"].taken = number(11);
    CHECK(only(books).kind == "surplus");
    // What somebody else put onto the topic.
    books.tenant = Uuid{};
    CHECK(kinds(books).empty());
}
