#include "tollgate/customers.hpp"

#include <array>
#include <iterator>

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::int64_t rows_max = 20;
constexpr std::string_view no_realm = "none";

template <typename Row>
void append(std::vector<Row>& to, std::vector<Row> from) {
    to.insert(to.end(), std::move_iterator{from.begin()}, std::move_iterator{from.end()});
}

}  // namespace

std::string within_text(const std::string& realm) {
    return realm.empty() ? std::string{no_realm} : realm;
}

Result<std::string> realm_within(const std::string& within) {
    if (within == no_realm) return std::string{};
    if (within.starts_with("source/") || within.starts_with("account/")) return within;
    return fail(ErrorCode::invalid, "--within: \"{}\" is none of source/NAME, account/ID and {}", within,
                no_realm);
}

Error nobody(const CustomerName& name) {
    return {ErrorCode::not_found,
            fmt::format(
                "nothing is known of a customer \"{}\" of tenant \"{}\": it is the provider's id, as cus_1",
                name.customer, name.tenant)};
}

Result<Customer> show_customer(Transaction& tx, const Actor& actor, const CustomerName& name) {
    const auto tenant = tenants::admit_to_tenant(tx, actor, Role::viewer, name.tenant);
    if (!tenant) return std::unexpected{tenant.error()};
    Customer customer{.profiles = enrichment::read_profiles(tx, tenant->id, name.provider, name.customer),
                      .payments = {},
                      .subscriptions = {}};
    for (const bool is_test : {false, true}) {
        auto payments = billing::list_payments(tx, actor,
                                               {.tenant = tenant->slug,
                                                .customer = name.customer,
                                                .provider = name.provider,
                                                .is_test = is_test,
                                                .limit = rows_max});
        if (!payments) return std::unexpected{payments.error()};
        append(customer.payments, std::move(*payments));
        auto subscriptions = billing::list_subscriptions(
            tx, actor,
            {.tenant = tenant->slug, .customer = name.customer, .is_test = is_test, .limit = rows_max});
        if (!subscriptions) return std::unexpected{subscriptions.error()};
        if (name.provider)
            std::erase_if(*subscriptions, [&](const auto& each) { return each.provider != *name.provider; });
        append(customer.subscriptions, std::move(*subscriptions));
    }
    if (customer.profiles.empty() && customer.payments.empty() && customer.subscriptions.empty())
        return std::unexpected{nobody(name)};
    return customer;
}

}  // namespace tollgate
