// What a handler may do wrong, and whose fault it is.
#include <catch2/catch.hpp>

#include "consumer/split.hpp"
#include "consumer/work.hpp"
#include "postgres/error.hpp"

using namespace tollgate;
using namespace tollgate::consumer;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

class Preparing final : public Handler {
public:
    explicit Preparing(std::function<Result<void>()> what) : what_{std::move(what)} {}
    bool prepares() const override { return true; }
    Result<void> prepare(std::span<const Task>, std::chrono::steady_clock::time_point) override {
        return what_();
    }
    std::vector<Outcome> apply(postgres::Transaction&, std::span<const Task>) override { return {}; }

private:
    std::function<Result<void>()> what_;
};

Handled<void> prepared(std::function<Result<void>()> what) {
    Preparing handler{std::move(what)};
    const Message message;
    const Task task{.message = &message};
    return prepare(handler, {&task, 1}, std::chrono::steady_clock::now());
}

const RetrySettings settings{.backoff = {.base = 1s, .cap = 10s}, .age_max = 60s};

}  // namespace

TEST_CASE("what fails in prepare is a message's fault unless it may pass by itself") {
    CHECK(prepared([] { return Result<void>{}; }));
    const auto thrown = prepared([]() -> Result<void> { throw std::runtime_error{"no"}; });
    REQUIRE(thrown.error().fault);
    CHECK(thrown.error().fault->reason == "no");
    CHECK(prepared([]() -> Result<void> { throw 7; }).error().fault);
    CHECK(prepared([]() -> Result<void> { return fail(ErrorCode::invalid, "bad"); }).error().fault);
    CHECK_FALSE(
        prepared([]() -> Result<void> { return fail(ErrorCode::unavailable, "away"); }).error().fault);
    CHECK_FALSE(
        prepared([]() -> Result<void> { return fail(ErrorCode::rate_limited, "slow"); }).error().fault);
    CHECK_FALSE(prepared([]() -> Result<void> {
                    throw postgres::SqlError{ErrorCode::contended, "40P01", "deadlock"};
                })
                    .error()
                    .fault);
    CHECK(prepared([]() -> Result<void> { throw postgres::SqlError{ErrorCode::bad_data, "22012", "zero"}; })
              .error()
              .fault);
}

TEST_CASE("a range is tried in halves until the message at fault stands alone") {
    Strings tried;
    std::vector<std::size_t> alone;
    const auto done = split_until_done(
        {0, 8},
        [&](Range range) -> Handled<void> {
            tried.push_back(fmt::format("{}-{}", range.begin, range.end));
            if (range.begin <= 5 && 5 < range.end)
                return std::unexpected{Failure{{ErrorCode::bad_data, "5"}, Fault{"5"}}};
            return {};
        },
        [&](std::size_t index, const Fault& fault) -> Result<void> {
            CHECK(fault.reason == "5");
            alone.push_back(index);
            return {};
        });
    CHECK(done);
    CHECK(alone == std::vector<std::size_t>{5});
    CHECK(tried == Strings{"0-8", "0-4", "4-8", "4-6", "4-5", "5-6", "6-8"});
}

TEST_CASE("what is nobody's fault ends the trying, and what was done before stays done") {
    Strings tried;
    const auto done = split_until_done(
        {0, 4},
        [&](Range range) -> Handled<void> {
            tried.push_back(fmt::format("{}-{}", range.begin, range.end));
            if (range.size() == 4) return std::unexpected{Failure{{ErrorCode::bad_data, ""}, Fault{""}}};
            if (range.begin == 2) return std::unexpected{Failure{{ErrorCode::unavailable, "away"}, {}}};
            return {};
        },
        [](std::size_t, const Fault&) -> Result<void> { return fail(ErrorCode::internal, "not asked for"); });
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::unavailable);
    CHECK(tried == Strings{"0-4", "0-2", "2-4"});
}

TEST_CASE("a failure is tried again with a growing pause until its age is reached") {
    const auto first = after_failure(settings, 1, {}, {}, "x");
    CHECK(first.state == WorkState::retrying);
    CHECK(*first.due_in <= 1s);
    CHECK(*after_failure(settings, 1, {}, 30s, "x").due_in == 30s);
    // The last attempt is made at the age, not after it.
    for (int i = 0; i < 20; ++i) CHECK(*after_failure(settings, 9, 59s, {}, "x").due_in <= 1s);
    const auto last = after_failure(settings, 9, 60s, {}, "cannot");
    CHECK(last.state == WorkState::dead);
    // Of one group with the attempts before.
    CHECK(last.reason == "cannot");
    CHECK_FALSE(last.due_in);
}

TEST_CASE("an outcome becomes a verdict, and what is done none") {
    CHECK_FALSE(verdict_on(Done{}, settings, 1, {}));
    CHECK(verdict_on(Reject{"no"}, settings, 1, {})->state == WorkState::dead);
    const auto hold = verdict_on(Hold{.cause = "unmapped", .reason = "who", .length = 5s}, settings, 1, {});
    CHECK(hold->state == WorkState::held);
    CHECK(hold->hold == "unmapped");
    CHECK(hold->due_in == 5s);
    CHECK_FALSE(hold->failed);
    const auto retry = verdict_on(RetryAfter{.reason = "later", .at_least = 2s}, settings, 2, {});
    CHECK(retry->state == WorkState::retrying);
    CHECK(*retry->due_in >= 2s);
}

TEST_CASE("a reason of any bytes and any length becomes a line that a table takes") {
    const auto verdict = dead(std::string(5000, 'x'));
    CHECK(verdict.reason.size() < 2100);
    CHECK_THAT(verdict.reason, Catch::EndsWith(" ..."));
    CHECK_FALSE(dead(std::string{"a\0b\n\xff", 5}).reason.contains('\0'));
    CHECK_FALSE(dead("a\nb").reason.contains('\n'));
}
