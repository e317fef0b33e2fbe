#include "delivery/layout_rows.hpp"

namespace tollgate::delivery {

namespace {

constexpr RowTemplate trial_end{"Trial ends", "{trial_end}"};

constexpr std::array trial_rows{rows::plan,    rows::mrr,     trial_end,         rows::card,
                                rows::contact, rows::company, rows::customer_id, rows::external_id};

constexpr auto started = std::to_array<Voice>({
    {"Test drive![ {who}][ tries {plan}]", "Be kind: first impressions count.", "🚗"},
    {"[{who} is having a look|Somebody is having a look][ at {plan}]", "A trial has begun.", "👀"},
});
constexpr auto ending = std::to_array<Voice>({
    {"Tick tock: [trial ends in {trial_left}|trial ended {trial_over}|a trial ends soon][: {who}, {plan}|: "
     "{who}|: {plan}]",
     "[{mrr} a month if they stay.|Will they stay?]", "⏰"},
    {"Decision time[ in {trial_left}| was {trial_over}][: {who}, {plan}|: {who}|: {plan}]",
     "[{mrr} a month if they stay.|The trial is almost over.]", "🤞"},
});

constexpr auto layouts = std::to_array<Layout>({
    {.name = "trial_started",
     .facts = {v1::FACT_TRIAL_STARTED},
     .emoji = "🌱",
     .neutral = {"Trial started[: {who}, {plan}|: {who}|: {plan}]", "[It ends {trial_end}.]"},
     .playful = started,
     .rows = trial_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .links = links::of_subscription,
     .one = "trial started",
     .many = "trials started"},
    {.name = "trial_ending",
     .facts = {v1::FACT_TRIAL_ENDING},
     .emoji = "⏰",
     .neutral = {"[Trial ends in {trial_left}|Trial ended {trial_over}|Trial ends soon][: {who}, {plan}|: "
                 "{who}|: {plan}]",
                 "[{mrr} a month if they stay.]"},
     .playful = ending,
     .rows = trial_rows,
     .advice = "Ask how it goes[: {card} is on file.|, and whether a card is on file.]",
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_subscription,
     .one = "trial ending",
     .many = "trials ending"},
});

}  // namespace

std::span<const Layout> trial_layouts() {
    return layouts;
}

}  // namespace tollgate::delivery
