// `tollgate customer show`: what is known of a payer.
#include <boost/json/array.hpp>

#include "telemetry/text.hpp"
#include "tollgate/billing_amount.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/customers.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using enrichment::CustomerProfile;
using enrichment::CustomerValue;
using postgres::Transaction;
using tenants::Actor;

struct CustomerConfig : OperatorConfig {
    std::string customer;
    std::string provider;

    CustomerName name() const {
        return {.tenant = tenant, .provider = if_given(provider), .customer = customer};
    }
};

boost::json::object to_json(const CustomerProfile& profile) {
    boost::json::array values;
    for (const CustomerValue& value : profile.values) {
        values.push_back({{"currency", value.currency},
                          {"paid_minor", value.paid},
                          {"refunded_minor", value.refunded},
                          {"percentile", value.percentile ? boost::json::value(*value.percentile)
                                                          : boost::json::value(nullptr)}});
    }
    return {
        {"provider", profile.provider},
        {"customer", profile.customer},
        {"within", profile.realm.empty() ? boost::json::value(nullptr) : boost::json::value(profile.realm)},
        {"test", profile.is_test},
        {"reference", text_or_null(profile.reference)},
        {"first_at", to_rfc3339(profile.first_at)},
        {"last_at", to_rfc3339(profile.last_at)},
        {"orders", profile.orders},
        {"payments", profile.payments},
        {"failures", profile.failures},
        {"failures_in_row", profile.failures_in_row},
        {"disputes", profile.disputes},
        {"last_payment", json_or_null(profile.last_payment)},
        {"values", std::move(values)}};
}

boost::json::object to_json(const Customer& customer) {
    boost::json::array profiles;
    for (const CustomerProfile& each : customer.profiles) profiles.push_back(to_json(each));
    boost::json::array payments;
    for (const auto& each : customer.payments) {
        payments.push_back({{"payment_id", each.id.text()},
                            {"provider", each.provider},
                            {"test", each.is_test},
                            {"status", each.status},
                            {"captured_minor", captured_json(each)},
                            {"refunded_minor", each.refunded},
                            {"currency", text_or_null(each.currency)},
                            {"paid_at", json_or_null(each.paid_at)}});
    }
    boost::json::array subscriptions;
    for (const auto& each : customer.subscriptions) {
        subscriptions.push_back(
            {{"subscription_id", each.id},
             {"provider", each.provider},
             {"test", each.is_test},
             {"status", text_or_null(each.status)},
             {"mrr_minor", each.mrr ? boost::json::value(*each.mrr) : boost::json::value(nullptr)},
             {"currency", text_or_null(each.currency)},
             {"plan", text_or_null(each.plan)}});
    }
    return {{"profiles", std::move(profiles)},
            {"payments", std::move(payments)},
            {"subscriptions", std::move(subscriptions)}};
}

void line(std::string_view name, const std::string& value) {
    fmt::print("{:<16}{}\n", name, telemetry::printable(value));
}

void print_profile(const CustomerProfile& profile) {
    line("customer", profile.customer);
    line("provider", profile.provider + (profile.is_test ? " (test)" : ""));
    if (!profile.realm.empty()) line("within", profile.realm);
    if (profile.reference) line("known as", *profile.reference);
    line("first heard of", to_rfc3339(profile.first_at));
    line("last heard of", to_rfc3339(profile.last_at));
    for (const CustomerValue& value : profile.values) {
        line("worth",
             amount_text(value.paid - value.refunded, value.currency) +
                 (value.percentile ? fmt::format(" (more than {} % of customers)", *value.percentile - 1)
                                   : ""));
    }
    line("payments", fmt::format("{}, and {} failed ({} in a row now)", profile.payments, profile.failures,
                                 profile.failures_in_row));
    if (profile.orders > 0) line("orders", std::to_string(profile.orders));
    if (profile.disputes > 0) line("disputes", std::to_string(profile.disputes));
    if (profile.last_payment) line("last paid", to_rfc3339(*profile.last_payment));
    fmt::print("\n");
}

process::Exit show(const CustomerConfig& config) {
    return perform(
        "customer show", config,
        [&](Transaction& tx, const Actor& actor) { return show_customer(tx, actor, config.name()); },
        [&](const Customer& customer) {
            if (config.json) {
                print_json(to_json(customer));
                return process::Exit::done;
            }
            for (const CustomerProfile& each : customer.profiles) print_profile(each);
            std::vector<std::vector<std::string>> rows{{"PAYMENT", "STATUS", "AMOUNT", "PAID"}};
            for (const auto& each : customer.payments) {
                rows.push_back({each.id.text(), each.status + (each.is_test ? " (test)" : ""),
                                amount_text(each), text_or_dash(each.paid_at)});
            }
            if (rows.size() > 1) print_table(rows);
            rows = {{"SUBSCRIPTION", "STATUS", "MRR", "PLAN"}};
            for (const auto& each : customer.subscriptions) {
                rows.push_back({each.id, each.status.value_or("-") + (each.is_test ? " (test)" : ""),
                                amount_text(each.mrr, each.currency), each.plan.value_or("-")});
            }
            if (rows.size() > 1) print_table(rows);
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> customer_commands() {
    return {operator_command<CustomerConfig>(
        "customer show", "Show what is known of a customer.", "  tollgate customer show cus_1 --tenant acme",
        [](process::Settings& settings, CustomerConfig& config) {
            settings.add_positional("customer", config.customer, "the provider's id, as cus_1", true);
            config.declare_tenant(settings);
            settings.require_last();
            settings.add_option("provider", config.provider, "as stripe");
        },
        show)};
}

}  // namespace tollgate
