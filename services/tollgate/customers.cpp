#include "tollgate/customers.hpp"

#include <array>
#include <iterator>

#include <boost/json/object.hpp>

#include "consumer/settle_letters.hpp"
#include "tenants/audit.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::int64_t rows_max = 20;

template <typename Row>
void append(std::vector<Row>& to, std::vector<Row> from) {
    to.insert(to.end(), std::move_iterator{from.begin()}, std::move_iterator{from.end()});
}

Error nobody(const CustomerName& name) {
    return {ErrorCode::not_found,
            fmt::format(
                "nothing is known of a customer \"{}\" of tenant \"{}\": it is the provider's id, as cus_1",
                name.customer, name.tenant)};
}

Result<tenants::TenantName> admit_to_erase(Transaction& tx, const Actor& actor, const CustomerName& name) {
    if (!name.provider)
        return fail(ErrorCode::invalid, "of which provider? An id is one provider's: give --provider");
    // As of a shell's variable that is not set: messages are full of empty texts.
    if (name.customer.empty()) return fail(ErrorCode::invalid, "whom? The customer's id is empty");
    return tenants::admit_to_tenant(tx, actor, Role::operator_, name.tenant);
}

Erasure found(Transaction& tx, const Uuid& tenant, const CustomerName& name) {
    return {.profiles = std::ssize(enrichment::read_profiles(tx, tenant, name.provider, name.customer)),
            .messages = consumer::count_messages_of(tx, tenant, *name.provider, name.customer),
            .pseudonym = {}};
}

bool is_nothing(const Erasure& erasure) {
    return erasure.profiles == 0 && erasure.messages.erasable == 0 && erasure.messages.retrying == 0;
}

}  // namespace

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

Result<Erasure> preview_erasure(Transaction& tx, const Actor& actor, const CustomerName& name) {
    const auto tenant = admit_to_erase(tx, actor, name);
    if (!tenant) return std::unexpected{tenant.error()};
    auto erasure = found(tx, tenant->id, name);
    if (is_nothing(erasure)) return std::unexpected{nobody(name)};
    return erasure;
}

Result<Erasure> erase_customer(Transaction& tx, const Actor& actor, const CustomerName& name,
                               std::string_view reason) {
    const auto tenant = admit_to_erase(tx, actor, name);
    if (!tenant) return std::unexpected{tenant.error()};
    if (const auto told = consumer::require_reason(reason); !told) return std::unexpected{told.error()};
    auto erasure = found(tx, tenant->id, name);
    if (is_nothing(erasure)) return std::unexpected{nobody(name)};
    erasure.pseudonym = "erased-" + make_uuid_v4().text();
    // Whoever keeps something of customers has its line here, in this one transaction. Messages come before
    // the profile: they are found by what is stored under the old name.
    erasure.messages.erasable = consumer::erase_messages_of(tx, tenant->id, *name.provider, name.customer);
    enrichment::erase_profile(tx, tenant->id, *name.provider, name.customer, erasure.pseudonym);
    // Not under whose name: the log is for ever.
    tenants::record(tx, actor,
                    {.verb = "customer erase",
                     .tenant = tenant->id,
                     .arguments = {{"provider", *name.provider}},
                     .result = {{"pseudonym", erasure.pseudonym},
                                {"profiles", erasure.profiles},
                                {"messages", erasure.messages.erasable},
                                {"left_retrying", erasure.messages.retrying}},
                     .reason = reason});
    return erasure;
}

}  // namespace tollgate
