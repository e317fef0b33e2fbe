#include <algorithm>

#include "providers/fill.hpp"
#include "providers/recurring.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

namespace {

// Stripe allows 20; more are not looked at, and then the revenue is not told.
constexpr std::size_t items_max = 100;

bool is_by_use(const Place& price) {
    return price.first_text({"/recurring/usage_type", "/usage_type"}) == "metered";
}

bool is_tiered(const Place& price) {
    return price.text("/billing_scheme") == "tiered";
}

// What is billed by use is none of the revenue that recurs: nothing, in the price's currency.
std::optional<Money> nothing_of(const Place& price) {
    const auto currency = Currency::parse(price.text("/currency"));
    return currency ? std::optional{Money{.minor = 0, .currency = *currency}} : std::nullopt;
}

Place price_of_item(const Place& item) {
    return item.at(item.has("/price/id") ? "/price" : "/plan");
}

}  // namespace

v1::Plan plan_of(const Place& price) {
    v1::Plan plan;
    plan.set_id(price.text("/id"));
    plan.set_name(price.first_text({"/product/name", "/nickname", "/name", "/lookup_key"}));
    plan.set_interval(interval_of(price.first_text({"/recurring/interval", "/interval"})));
    plan.set_interval_count(
        std::max(price.count("/recurring/interval_count"), price.count("/interval_count")));
    if (!is_tiered(price)) {
        put(amount(price, price.has("/unit_amount") ? "/unit_amount" : "/amount"), plan,
            &v1::Plan::mutable_price);
    }
    return plan;
}

std::optional<Money> monthly_of_plan(const Place& plan, std::uint64_t quantity) {
    if (is_by_use(plan)) return nothing_of(plan);
    if (is_tiered(plan)) return std::nullopt;
    const auto price = amount(plan, plan.has("/unit_amount") ? "/unit_amount" : "/amount");
    if (!price) return std::nullopt;
    const v1::Plan read = plan_of(plan);
    return monthly(*price, quantity, read.interval(), read.interval_count());
}

std::optional<Money> monthly_of_items(const Place& items) {
    // Stripe has cut off the rest of them.
    if (items.is_true("/has_more")) return std::nullopt;
    std::optional<Money> all;
    std::optional<Money> by_use;
    std::size_t index = 0;
    for (; index < items_max && items.has(fmt::format("/data/{}", index)); ++index) {
        const Place item = items.at("/data", index);
        const Place price = price_of_item(item);
        // Its currency may be another than the subscription's.
        if (is_by_use(price)) {
            by_use = by_use ? by_use : nothing_of(price);
            continue;
        }
        // Without a price of one unit there is nothing to add, and without one addend no sum.
        const auto part = monthly_of_plan(price, item.has("/quantity") ? item.count("/quantity") : 1);
        if (!part) return std::nullopt;
        const auto sum = all ? add(*all, *part) : Result<Money>{*part};
        if (!sum) return std::nullopt;
        all = *sum;
    }
    if (index == items_max) return std::nullopt;
    return all ? all : by_use;
}

}  // namespace tollgate::providers::stripe
