// A tenant whose destination takes as many messages at once as there are, and what became of them.
#pragma once

#include "integration/delivery/deliveries.hpp"

namespace tollgate::test {

inline Handed failed(const std::string& invoice, const std::string& more = {}) {
    return {
        payment_event("fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK attempt: 1 "
                      "references { invoice_id: \"" +
                      invoice + "\" } " + more)};
}

constexpr const char* const quick = R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100})";
constexpr const char* const stands = "select state || ': ' || coalesce(reason, '') from delivery.delivery";
constexpr const char* const attempts =
    "select coalesce(outcome, 'under way') from delivery.attempt order by number, started_at";

struct QuickWorld : Deliveries {
    QuickWorld() { add("payments"); }
    void add(const std::string& slug) {
        destination(slug, quick);
        tell_everything(slug);
    }
    // As if the time had passed.
    void make_due() {
        change("update delivery.delivery set due_at = now() - interval '1 s' where state = 'waiting'");
    }
    void end_pauses() {
        change(
            "update delivery.lane set paused_until = null, open_until = case when open_until is null then "
            "null else now() - interval '1 s' end");
    }
};

}  // namespace tollgate::test
