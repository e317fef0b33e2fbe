#include <algorithm>
#include <array>
#include <utility>

#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/shopify/event_reading.hpp"
#include "providers/shopify/shopify.hpp"

namespace tollgate::providers::shopify {

namespace {

// The topic is not signed: who has captured a body can send it as another topic. So a body must be of the
// topic's kind by its global id, and whether money has moved is read from the body alone.
struct TopicRow {
    std::string_view type;
    std::string_view kind;  // of gid://shopify/KIND/ID; empty: bodies of the topic have none
    v1::Category category;
    v1::Fact fact;
    void (*read)(const Reading& reading);
};

constexpr auto topics = std::to_array<TopicRow>({
    {"customers/create", "Customer", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_CREATED, read_customer},
    {"customers/delete", "Customer", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_DELETED, read_customer},
    {"customers/update", "Customer", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_customer},
    {"disputes/create", "", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"disputes/update", "", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"orders/cancelled", "Order", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_cancelled_order},
    {"orders/create", "Order", v1::CATEGORY_OTHER, v1::FACT_CHECKOUT_COMPLETED, read_order},
    {"orders/paid", "Order", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_paid_order},
    {"refunds/create", "Refund", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
});
static_assert(std::ranges::is_sorted(topics, {}, &TopicRow::type));

bool is_of_kind(const Place& body, std::string_view kind) {
    const std::string id = body.text("/admin_graphql_api_id");
    if (id.empty()) return true;  // older versions of the API, and subscriptions to some fields
    return !kind.empty() && id.starts_with(fmt::format("gid://shopify/{}/", kind));
}

// The shop's domain is not signed either, and a link must not lead elsewhere.
std::string admin_of(std::string_view shop) {
    constexpr std::string_view suffix = ".myshopify.com";
    if (!shop.ends_with(suffix) || !is_plain_id(shop.substr(0, shop.size() - suffix.size()))) return {};
    return fmt::format("https://{}/admin", shop);
}

}  // namespace

void link_to(const Reading& reading, v1::LinkKind kind, std::string_view page, std::string_view id) {
    if (reading.admin.empty() || !is_plain_id(id)) return;
    add_link(reading.event, kind, fmt::format("{}/{}/{}", reading.admin, page, id));
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    const auto json = Json::parse(raw.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    v1::PaymentEvent event;
    const Place body{*json, fields};
    const auto* const row = row_of<TopicRow>(topics, raw.type);
    if (row != nullptr && is_of_kind(body, row->kind)) {
        tell(event, row->category, row->fact);
        row->read({.body = body, .admin = admin_of(raw.account), .event = event});
    }
    if (fields.error()) return std::unexpected{*fields.error()};
    return event;
}

}  // namespace tollgate::providers::shopify
