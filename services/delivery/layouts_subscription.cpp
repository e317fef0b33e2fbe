#include "delivery/layout_rows.hpp"

namespace tollgate::delivery {

namespace {

constexpr RowTemplate charged{"Charged now", "{amount}"};
constexpr RowTemplate ends{"Ends", "{ends_at}"};
constexpr RowTemplate ended{"Ended", "{ends_at}"};
constexpr RowTemplate trial{"After a trial until", "{trial_end}"};

constexpr std::array new_rows{rows::plan,    rows::mrr,     charged,           trial,
                              rows::contact, rows::company, rows::customer_id, rows::external_id};
constexpr std::array renewed_rows{rows::mrr, rows::contact, rows::company, rows::customer_id,
                                  rows::external_id};
constexpr std::array change_rows{rows::was_plan, rows::plan,       rows::mrr,        charged,
                                 rows::contact,  rows::paid_until, rows::customer_id};
constexpr std::array leaving_rows{rows::plan, ends, rows::contact, rows::company, rows::customer_id};
constexpr std::array ended_rows{rows::plan, ended, rows::contact, rows::company, rows::customer_id};
constexpr std::array state_rows{rows::plan,    rows::mrr,        rows::status,     ends,
                                rows::contact, rows::paid_until, rows::customer_id};

constexpr auto created = std::to_array<Voice>({
    {"New subscription![ Welcome, {who}][: {plan}]", "[{who}|Somebody new] is on board.", "🎉"},
    {"Another one![ {who}][ takes {plan}]", "The family grows[ by {delta} a month].", "🚀"},
    {"High five: [{who} subscribed|a new subscription][ to {plan}]",
     "[That makes {delta} more every month.|That one stays for a while, we hope.]", "🙌"},
});
constexpr auto activated = std::to_array<Voice>({
    {"Subscription live![ {who}][, {plan}]", "[{who}|Somebody new] pays for real now.", "🎉"},
    {"It is official[: {who}, {plan}|: {who}|: {plan}]", "From today they are a paying customer.", "🥳"},
});
constexpr auto upgraded = std::to_array<Voice>({
    {"Level up![ {who}][: {was_plan} → {plan}|: {plan}][ ({delta} MRR, {growth})| ({delta} MRR)]",
     "[{who}|A customer] wants more of it.", "🚀"},
    {"Onwards and upwards[: {who}][, {was_plan} → {plan}|, {plan}][ ({delta} MRR, {growth})| ({delta} MRR)]",
     "Somebody likes what you make.", "📈"},
});
constexpr auto renewed = std::to_array<Voice>({
    {"Still in love[: {who}, {plan}|: {who}|: {plan}]", "Renewed[ for {amount}][, paid until {paid_until}].",
     "💚"},
    {"One more round[: {who}, {plan}|: {who}|: {plan}]", "Renewed[ for {amount}][, paid until {paid_until}].",
     "🔁"},
});
constexpr auto reactivated = std::to_array<Voice>({
    {"Look who is back[: {who}, {plan}|: {who}|: {plan}]", "They could not stay away.", "🪃"},
    {"Together again[: {who}, {plan}|: {who}|: {plan}]", "Make the second time even better.", "🎊"},
});
constexpr auto resumed = std::to_array<Voice>({
    {"Break is over[: {who}, {plan}|: {who}|: {plan}]", "The subscription runs again.", "▶️"},
});

constexpr auto layouts = std::to_array<Layout>({
    {.name = "subscription_created",
     .facts = {v1::FACT_SUBSCRIPTION_CREATED},
     .emoji = "🎉",
     .neutral = {"New subscription[: {who}, {plan}|: {who}|: {plan}][ ({delta} MRR)]",
                 "[Paid until {paid_until}.]"},
     .playful = created,
     .rows = new_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .good = true,
     .links = links::of_subscription,
     .one = "new subscription",
     .many = "new subscriptions"},
    {.name = "subscription_activated",
     .facts = {v1::FACT_SUBSCRIPTION_ACTIVATED},
     .emoji = "🎉",
     .neutral = {"Subscription active[: {who}, {plan}|: {who}|: {plan}]", "It is paid for from now on."},
     .playful = activated,
     .rows = new_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .good = true,
     .links = links::of_subscription,
     .one = "subscription active",
     .many = "subscriptions active"},
    {.name = "subscription_upgraded",
     .facts = {v1::FACT_SUBSCRIPTION_UPGRADED},
     .emoji = "📈",
     .neutral = {"Upgrade[: {who}][, {was_plan} → {plan}|, {plan}][ ({delta} MRR, {growth})| ({delta} MRR)]",
                 "[{who}|A customer] has moved to a larger plan."},
     .playful = upgraded,
     .rows = change_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .good = true,
     .links = links::of_subscription,
     .one = "upgrade",
     .many = "upgrades"},
    {.name = "subscription_downgraded",
     .facts = {v1::FACT_SUBSCRIPTION_DOWNGRADED},
     .emoji = "📉",
     .neutral =
         {"Downgrade[: {who}][, {was_plan} → {plan}|, {plan}][ ({delta} MRR, {growth})| ({delta} MRR)]",
          "[{who}|A customer] has moved to a smaller plan."},
     .rows = change_rows,
     .advice = "Ask what they no longer need: a downgrade is often the step before leaving.",
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_subscription,
     .one = "downgrade",
     .many = "downgrades"},
    {.name = "subscription_updated",
     .facts = {v1::FACT_SUBSCRIPTION_UPDATED},
     .emoji = "📝",
     .neutral = {"Subscription changed[: {who}, {plan}|: {who}|: {plan}]", "[Its status is now: {status}.]"},
     .rows = state_rows,
     .priority = v1::PRIORITY_DIGEST,
     .links = links::of_subscription,
     .one = "subscription changed",
     .many = "subscriptions changed"},
    {.name = "subscription_renewed",
     .facts = {v1::FACT_SUBSCRIPTION_RENEWED},
     .emoji = "🔁",
     .neutral = {"Renewed[: {who}, {plan}|: {who}|: {plan}][, {amount}]", "[Paid until {paid_until}.]"},
     .playful = renewed,
     .rows = renewed_rows,
     .priority = v1::PRIORITY_DIGEST,
     .links = links::of_subscription,
     .story = Story::ends_well,
     .one = "renewal",
     .many = "renewals"},
    {.name = "subscription_past_due",
     .facts = {v1::FACT_SUBSCRIPTION_PAST_DUE},
     .emoji = "⏰",
     .neutral = {"Past due[: {who}, {amount}|: {who}, {mrr} a month|: {who}, {plan}|: {who}|: {plan}]",
                 "The subscription is unpaid and still running. [{provider} tries again {next_attempt}.]"},
     .rows = state_rows,
     .advice = "Ask the customer for another card before the subscription is stopped.",
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_failure,
     .one = "subscription past due",
     .many = "subscriptions past due"},
    {.name = "subscription_paused",
     .facts = {v1::FACT_SUBSCRIPTION_PAUSED},
     .emoji = "⏸️",
     .neutral = {"Paused[: {who}, {plan}|: {who}|: {plan}]", "Nothing is charged until it is resumed."},
     .rows = state_rows,
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_subscription,
     .one = "subscription paused",
     .many = "subscriptions paused"},
    {.name = "subscription_resumed",
     .facts = {v1::FACT_SUBSCRIPTION_RESUMED},
     .emoji = "▶️",
     .neutral = {"Resumed[: {who}, {plan}|: {who}|: {plan}]", "The subscription runs again."},
     .playful = resumed,
     .rows = state_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .links = links::of_subscription,
     .one = "subscription resumed",
     .many = "subscriptions resumed"},
    {.name = "subscription_cancel_scheduled",
     .facts = {v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED},
     .emoji = "👋",
     .neutral =
         {"[Cancels on {ends_day}|Cancels when its period ends][: {who}, {loss} MRR|: {who}|: {loss} MRR]",
          "[{who}|The customer] has cancelled and stays until then[. Reason given: {cancel_reason}]."},
     .rows = leaving_rows,
     .advice = "Ask what was missing while there is still time.",
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_subscription,
     .one = "cancellation scheduled",
     .many = "cancellations scheduled"},
    {.name = "subscription_ended",
     .facts = {v1::FACT_SUBSCRIPTION_ENDED},
     .emoji = "💔",
     .neutral = {"Subscription ended[: {who}, {loss} MRR|: {who}|: {loss} MRR]",
                 "[Reason given: {cancel_reason}.]"},
     .rows = ended_rows,
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_subscription,
     .story = Story::ends_badly,
     .one = "subscription ended",
     .many = "subscriptions ended"},
    {.name = "subscription_reactivated",
     .facts = {v1::FACT_SUBSCRIPTION_REACTIVATED},
     .emoji = "🎊",
     .neutral = {"Back again[: {who}, {plan}|: {who}|: {plan}]",
                 "[{who}|A customer who had left] has subscribed again."},
     .playful = reactivated,
     .rows = new_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .good = true,
     .links = links::of_subscription,
     .story = Story::ends_well,
     .one = "reactivation",
     .many = "reactivations"},
});

}  // namespace

std::span<const Layout> subscription_layouts() {
    return layouts;
}

}  // namespace tollgate::delivery
