// Rows and buttons that several layouts share.
#pragma once

#include "delivery/layouts.hpp"

namespace tollgate::delivery::rows {

constexpr RowTemplate amount{"Amount", "{amount}"};
constexpr RowTemplate amount_untold{"Amount", "{amount_untold}"};
constexpr RowTemplate attempt{"Attempt", "{attempt}"};
constexpr RowTemplate card{"Card", "{card}[, expires {card_expiry}]"};
constexpr RowTemplate company{"Company", "{company}"};
constexpr RowTemplate contact{"Contact", "{contact}"};
constexpr RowTemplate country{"Country", "{country}"};
constexpr RowTemplate customer_id{"Customer", "{customer_id}"};
constexpr RowTemplate external_id{"Your reference", "{external_id}"};
constexpr RowTemplate fee{"Fee", "{fee}"};
constexpr RowTemplate invoice{"Invoice", "{invoice}"};
constexpr RowTemplate mrr{"MRR", "{mrr}"};
constexpr RowTemplate next_attempt{"Next attempt", "{next_attempt}"};
constexpr RowTemplate order{"Order", "{order}"};
constexpr RowTemplate paid_until{"Paid until", "{paid_until}"};
constexpr RowTemplate plan{"Plan", "{plan}[, {seats} seats]"};
constexpr RowTemplate reason{"Reason", "{reason}"};
constexpr RowTemplate refunded{"Refunded in all", "{refunded}"};
constexpr RowTemplate status{"Status", "{status}"};
constexpr RowTemplate subject{"About", "{subject}"};
constexpr RowTemplate was_plan{"Before", "{was_plan}"};
constexpr RowTemplate yearly{"At risk in a year", "{yearly}"};

}  // namespace tollgate::delivery::rows

namespace tollgate::delivery::links {

using Links = std::array<v1::LinkKind, buttons_max>;

constexpr Links of_payment{v1::LINK_KIND_SUBJECT, v1::LINK_KIND_CUSTOMER, v1::LINK_KIND_RECEIPT};
constexpr Links of_failure{v1::LINK_KIND_INVOICE, v1::LINK_KIND_UPDATE_CARD, v1::LINK_KIND_SUBJECT};
constexpr Links of_subscription{v1::LINK_KIND_CUSTOMER, v1::LINK_KIND_SUBSCRIPTION, v1::LINK_KIND_SUBJECT};
constexpr Links of_subject{v1::LINK_KIND_SUBJECT, v1::LINK_KIND_CUSTOMER, v1::LINK_KIND_INVOICE};

}  // namespace tollgate::delivery::links
