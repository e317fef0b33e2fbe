#include "ingress/answer_counts.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace std::chrono_literals;
using ingress::AnswerCount;
using ingress::AnswerCounts;
using ingress::Events;
using ingress::Fate;
using ingress::Receipt;

namespace {

const Uuid acme = make_uuid_v4();

class SetClock final : public Clock {
public:
    Timestamp now() const override { return time; }
    Timestamp time = *parse_rfc3339("2026-11-21T22:30:00Z");
};

Events events(std::initializer_list<Uuid> ids) {
    Events made;
    for (const Uuid& id : ids) made.push_back({.event = {.id = id, .tenant = acme}});
    return made;
}

Uuid at(const char* time) {
    return first_uuid_v7_at(*parse_rfc3339(time));
}

AnswerCount only(std::vector<AnswerCount> counts) {
    REQUIRE(counts.size() == 1);
    return counts[0];
}

}  // namespace

TEST_CASE("answers are counted by what became of the events, in the hours of their ids") {
    const SetClock clock;
    AnswerCounts counts{clock};
    const Uuid before = at("2026-11-21T21:59:59.999Z");
    const Uuid after = at("2026-11-21T22:00:00Z");
    counts.count(events({before, after}), Receipt{{before, Fate::accepted}, {after, Fate::held}});
    // A repeat of an event of long ago is answered now.
    counts.count(events({after}), Receipt{{at("2026-11-02T10:00:00Z"), Fate::duplicate}});
    auto changed = counts.take_changed();
    REQUIRE(changed.size() == 2);
    if (changed[0].hour > changed[1].hour) std::swap(changed[0], changed[1]);
    CHECK(changed[0].hour == *parse_rfc3339("2026-11-21T21:00:00Z"));
    CHECK(changed[0].accepted == 1);
    CHECK(changed[0].tenant == acme);
    CHECK(changed[1].hour == *parse_rfc3339("2026-11-21T22:00:00Z"));
    CHECK(changed[1].accepted == 0);
    CHECK(changed[1].held == 1);
    CHECK(changed[1].duplicates == 1);
}

TEST_CASE("of what was refused only that counts of which it is not known whether it is stored") {
    const SetClock clock;
    AnswerCounts counts{clock};
    const Uuid id = at("2026-11-21T22:10:00Z");
    counts.count(events({id}), fail(ErrorCode::unavailable, "no"));
    CHECK(counts.take_changed().empty());
    counts.count(events({id}), fail(ErrorCode::in_doubt, "perhaps"));
    const AnswerCount count = only(counts.take_changed());
    CHECK(count.in_doubt == 1);
    CHECK(count.accepted == 0);
    const auto doubts = counts.take_doubts();
    REQUIRE(doubts.size() == 1);
    CHECK(doubts[0].event == id);
    CHECK(doubts[0].tenant == acme);
    CHECK(counts.take_doubts().empty());
    counts.put_back({}, doubts);
    CHECK(counts.take_doubts().size() == 1);
}

TEST_CASE("what is taken is all that was ever counted of an hour, and comes again when it was not written") {
    SetClock clock;
    AnswerCounts counts{clock};
    const Uuid id = at("2026-11-21T22:10:00Z");
    const auto accept = [&] { counts.count(events({id}), Receipt{{id, Fate::accepted}}); };
    accept();
    CHECK(only(counts.take_changed()).accepted == 1);
    CHECK(counts.take_changed().empty());
    accept();
    const auto taken = counts.take_changed();
    CHECK(only(taken).accepted == 2);
    counts.put_back(taken, {});
    counts.put_back(taken, {});
    CHECK(only(counts.take_changed()).accepted == 2);
    // Hours that are long over are forgotten, and those of a moment ago are not.
    clock.time += 23h;
    CHECK(counts.take_changed().empty());
    accept();
    CHECK(only(counts.take_changed()).accepted == 3);
    clock.time += 25h;
    CHECK(counts.take_changed().empty());
    accept();
    CHECK(only(counts.take_changed()).accepted == 1);
}
