#include "delivery/layout_rows.hpp"

namespace tollgate::delivery {

namespace {

constexpr RowTemplate due{"Evidence due", "{due}"};

constexpr std::array refund_rows{rows::amount_untold, rows::refunded, rows::reason,      rows::card,
                                 rows::plan,          rows::contact,  rows::customer_id, rows::invoice};
constexpr std::array refund_failed_rows{rows::amount_untold, rows::card, rows::contact, rows::customer_id,
                                        rows::invoice};
constexpr std::array dispute_rows{rows::amount_untold, due,           rows::fee,
                                  rows::card,          rows::contact, rows::plan,
                                  rows::customer_id,   rows::status,  rows::order};
constexpr std::array closed_dispute_rows{rows::amount_untold, rows::fee,         rows::card, rows::contact,
                                         rows::plan,          rows::customer_id, rows::order};
constexpr std::array payout_rows{rows::amount_untold, rows::fee, rows::status, rows::subject};

constexpr auto payout = std::to_array<Voice>({
    {"Payday[: {amount} is off to the bank|: money is off to the bank]", "", "🏦"},
    {"Payout sent[: {amount}]", "Treat yourself to something nice.", "💶"},
});

constexpr auto layouts = std::to_array<Layout>({
    {.name = "refund",
     .facts = {v1::FACT_REFUND_SUCCEEDED},
     .emoji = "↩️",
     .neutral = {"Refund[: {who}, {amount}|: {who}|: {amount}]",
                 "The money went back[ to {who}| to the customer][ for {plan}]."},
     .rows = refund_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .links = links::of_subject,
     .one = "refund",
     .many = "refunds"},
    {.name = "refund_failed",
     .facts = {v1::FACT_REFUND_FAILED},
     .emoji = "🚨",
     .neutral = {"Refund failed[: {who}, {amount}|: {who}|: {amount}]",
                 "The money could not be given back[: {reason}]."},
     .rows = refund_failed_rows,
     .advice = "Give it back another way, and tell the customer when to expect it.",
     .priority = v1::PRIORITY_ACT_NOW,
     .links = links::of_subject,
     .one = "refund failed",
     .many = "refunds failed"},
    {.name = "dispute_opened",
     .facts = {v1::FACT_DISPUTE_OPENED},
     .emoji = "🚨",
     .neutral = {"Dispute[: {who}, {amount}|: {who}|: {amount}][, evidence due in {due_left}]",
                 "[{who}|The payer] objects to the payment through the bank[: {dispute_reason}]."},
     .rows = dispute_rows,
     .advice = "[The time to answer ended {due_over}: see whether the bank still takes evidence.|Collect the "
               "receipt, proof of delivery and your correspondence, and answer before {due_ahead}.|Collect "
               "the receipt, proof of delivery and your correspondence, and answer before the deadline.]",
     .priority = v1::PRIORITY_ACT_NOW,
     .links = links::of_subject,
     .one = "dispute opened",
     .many = "disputes opened"},
    {.name = "dispute_updated",
     .facts = {v1::FACT_DISPUTE_UPDATED},
     .emoji = "⚖️",
     .neutral = {"Dispute goes on[: {who}, {amount}|: {who}|: {amount}][, evidence due in {due_left}]",
                 "Evidence was asked for or handed in[ (status: {status})]."},
     .rows = dispute_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .links = links::of_subject,
     .one = "dispute updated",
     .many = "disputes updated"},
    {.name = "dispute_won",
     .facts = {v1::FACT_DISPUTE_WON},
     .emoji = "✅",
     .neutral = {"Dispute won[: {who}, {amount} stays yours|: {who}|: {amount} stays yours]",
                 "The bank decided for you. Nothing left to do."},
     .rows = closed_dispute_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .good = true,
     .links = links::of_subject,
     .story = Story::ends_well,
     .one = "dispute won",
     .many = "disputes won"},
    {.name = "dispute_lost",
     .facts = {v1::FACT_DISPUTE_LOST},
     .emoji = "❌",
     .neutral = {"Dispute lost[: {who}, {amount} is gone|: {who}|: {amount} is gone]",
                 "The bank decided for the payer, and that is final."},
     .rows = closed_dispute_rows,
     .advice = "Decide whether this customer may go on buying.",
     .priority = v1::PRIORITY_TODAY,
     .links = links::of_subject,
     .story = Story::ends_badly,
     .one = "dispute lost",
     .many = "disputes lost"},
    {.name = "payout",
     .facts = {v1::FACT_PAYOUT_PAID},
     .emoji = "🏦",
     .neutral = {"Payout sent to the bank[: {amount}]", ""},
     .playful = payout,
     .rows = payout_rows,
     .priority = v1::PRIORITY_DIGEST,
     .links = links::of_subject,
     .one = "payout",
     .many = "payouts"},
    {.name = "payout_failed",
     .facts = {v1::FACT_PAYOUT_FAILED},
     .emoji = "🚨",
     .neutral = {"Payout failed[: {amount} did not reach the bank]",
                 "The bank has sent it back[: {reason}]."},
     .rows = payout_rows,
     .advice = "Check the bank account in [{provider}'s|the provider's] settings: until it is right, no "
               "money arrives.",
     .priority = v1::PRIORITY_ACT_NOW,
     .links = links::of_subject,
     .one = "payout failed",
     .many = "payouts failed"},
});

}  // namespace

std::span<const Layout> money_back_layouts() {
    return layouts;
}

}  // namespace tollgate::delivery
