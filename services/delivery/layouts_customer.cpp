#include "delivery/layout_rows.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::array customer_rows{rows::contact, rows::company, rows::country, rows::customer_id,
                                   rows::external_id};
constexpr std::array card_rows{rows::card, rows::plan, rows::mrr, rows::contact, rows::customer_id};
constexpr std::array mail_rows{rows::subject, rows::contact, rows::external_id};

constexpr auto created = std::to_array<Voice>({
    {"New face[: {who}]", "A customer has signed up.", "🌟"},
    {"Say hi[ to {who}]", "A new customer is here.", "🙋"},
});

// Reports on e-mails come as `other`; only the provider's own name of the event tells them apart.
constexpr Layout mail(std::string_view name, std::string_view type_end, std::string_view emoji, Voice neutral,
                      std::string_view many, v1::Priority priority = v1::PRIORITY_DIGEST,
                      std::string_view advice = {}) {
    return {.name = name,
            .type_end = type_end,
            .emoji = emoji,
            .neutral = neutral,
            .rows = mail_rows,
            .advice = advice,
            .priority = priority,
            .links = links::of_subject,
            .one = many.substr(0, many.find('|')),
            .many = many.substr(many.find('|') + 1)};
}

constexpr auto layouts = std::to_array<Layout>({
    {.name = "customer_created",
     .facts = {v1::FACT_CUSTOMER_CREATED},
     .emoji = "🌟",
     .neutral = {"New customer[: {who}]", ""},
     .playful = created,
     .rows = customer_rows,
     .priority = v1::PRIORITY_DIGEST,
     .links = links::of_subject,
     .one = "new customer",
     .many = "new customers"},
    {.name = "customer_updated",
     .facts = {v1::FACT_CUSTOMER_UPDATED},
     .emoji = "📝",
     .neutral = {"Customer changed[: {who}]", ""},
     .rows = customer_rows,
     .priority = v1::PRIORITY_DIGEST,
     .links = links::of_subject,
     .one = "customer changed",
     .many = "customers changed"},
    {.name = "customer_deleted",
     .facts = {v1::FACT_CUSTOMER_DELETED},
     .emoji = "🗑️",
     .neutral = {"Customer deleted[: {who}]", "[They are gone from {provider}.]"},
     .rows = customer_rows,
     .priority = v1::PRIORITY_INFORMATION,
     .links = links::of_subject,
     .one = "customer deleted",
     .many = "customers deleted"},
    {.name = "card_expiring",
     .facts = {v1::FACT_CARD_EXPIRING},
     .emoji = "💳",
     .neutral = {"Card expires[ {card_expiry}][: {who}, {mrr} a month|: {who}|: {mrr} a month]",
                 "After that the next payment fails."},
     .rows = card_rows,
     .advice = "Send the customer the link to enter another card.",
     .priority = v1::PRIORITY_TODAY,
     .links = {v1::LINK_KIND_UPDATE_CARD, v1::LINK_KIND_CUSTOMER, v1::LINK_KIND_SUBSCRIPTION},
     .one = "card expiring",
     .many = "cards expiring"},
    mail("mail_bounced", "bounced", "📭",
         {"E-mail bounced[: {who}]", "It could not be delivered[: {reason}]."},
         "e-mail bounced|e-mails bounced", v1::PRIORITY_TODAY, "Ask the customer for an address that works."),
    mail("mail_complained", "complained", "🚩",
         {"Marked as spam[: {who}]", "The reader wants no more of these e-mails."},
         "e-mail marked as spam|e-mails marked as spam", v1::PRIORITY_TODAY,
         "Take the address off the list."),
    mail("mail_failed", "failed", "❌", {"E-mail failed[: {who}]", "It was not sent[: {reason}]."},
         "e-mail failed|e-mails failed", v1::PRIORITY_TODAY,
         "Check the sender's domain and the limits of the account."),
    mail("mail_suppressed", "suppressed", "🔕",
         {"E-mail held back[: {who}]", "The address is on the list of those not to be written to."},
         "e-mail held back|e-mails held back", v1::PRIORITY_INFORMATION),
    mail("mail_delayed", "delivery_delayed", "🐌",
         {"E-mail delayed[: {who}]", "The other side does not take it yet; it is tried again."},
         "e-mail delayed|e-mails delayed", v1::PRIORITY_INFORMATION),
    mail("mail_received", "received", "📥", {"E-mail received[: {who}]", ""},
         "e-mail received|e-mails received", v1::PRIORITY_INFORMATION),
    mail("mail_delivered", "delivered", "📬", {"E-mail delivered[: {who}]", ""},
         "e-mail delivered|e-mails delivered"),
    mail("mail_opened", "opened", "👓", {"E-mail opened[: {who}]", ""}, "e-mail opened|e-mails opened"),
    mail("mail_clicked", "clicked", "👆", {"Link in an e-mail clicked[: {who}]", ""},
         "link clicked|links clicked"),
    mail("mail_scheduled", "scheduled", "🗓️", {"E-mail scheduled[: {who}]", ""},
         "e-mail scheduled|e-mails scheduled"),
    mail("mail_sent", "sent", "📤", {"E-mail sent[: {who}]", ""}, "e-mail sent|e-mails sent"),
});

}  // namespace

std::span<const Layout> customer_layouts() {
    return layouts;
}

}  // namespace tollgate::delivery
