// `tollgate subscription` and `tollgate mrr`: who pays again and again, and what that brings.
#include <boost/json/array.hpp>

#include "billing/ledger_reports.hpp"
#include "telemetry/text.hpp"
#include "tollgate/billing_amount.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using billing::MrrMonth;
using billing::SubscriptionRow;
using postgres::Transaction;
using tenants::Actor;

struct SubscriptionConfig : OperatorConfig {
    std::string status;
    std::string customer;
    std::string limit;
    std::string id;
    bool is_test = false;
};

struct MrrConfig : OperatorConfig {
    bool is_test = false;
};

boost::json::object to_json(const SubscriptionRow& row) {
    return {{"subscription_id", row.id},
            {"tenant", row.tenant.text()},
            {"tenant_slug", text_or_null(row.tenant_slug)},
            {"provider", row.provider},
            {"test", row.is_test},
            {"status", text_or_null(row.status)},
            {"mrr_minor", row.mrr ? boost::json::value(*row.mrr) : boost::json::value(nullptr)},
            {"currency", text_or_null(row.currency)},
            {"plan", text_or_null(row.plan)},
            {"quantity", row.quantity ? boost::json::value(*row.quantity) : boost::json::value(nullptr)},
            {"customer", text_or_null(row.customer)},
            {"period_end", json_or_null(row.period_end)},
            {"ends_at", json_or_null(row.ends_at)},
            {"first_at", to_rfc3339(row.first_at)},
            {"last_at", to_rfc3339(row.last_at)}};
}

process::Exit list_subscriptions(const SubscriptionConfig& config) {
    const auto tenant = config.scope();
    if (!tenant) return process::report("tollgate subscription list", tenant.error());
    const auto most = read_number<std::int64_t>("--limit", config.limit, 100, 1, 10'000);
    if (!most) return process::report("tollgate subscription list", most.error());
    const billing::SubscriptionFilter filter{.tenant = *tenant,
                                             .status = if_given(config.status),
                                             .customer = if_given(config.customer),
                                             .is_test = config.is_test,
                                             .limit = *most};
    return perform(
        "subscription list", config,
        [&](Transaction& tx, const Actor& actor) { return billing::list_subscriptions(tx, actor, filter); },
        [&](const std::vector<SubscriptionRow>& subscriptions) {
            if (subscriptions.empty()) {
                return process::report("tollgate subscription list",
                                       {ErrorCode::not_found, "no subscription of that kind is known"});
            }
            std::vector<std::vector<std::string>> rows{
                {"SUBSCRIPTION", "TENANT", "PROVIDER", "STATUS", "A MONTH", "PLAN", "CUSTOMER"}};
            for (const SubscriptionRow& each : subscriptions) {
                if (config.json) print_json(to_json(each));
                rows.push_back({each.id, each.tenant_slug.value_or("-"), each.provider,
                                each.status.value_or("-"), amount_text(each.mrr, each.currency),
                                each.plan.value_or("-"), each.customer.value_or("-")});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

struct SubscriptionStory {
    SubscriptionRow row;
    std::vector<billing::Movement> movements;
};

Result<SubscriptionStory> find_subscription(Transaction& tx, const Actor& actor, const std::string& id) {
    auto found = billing::list_subscriptions(tx, actor, {.id = id, .limit = 2});
    if (!found) return std::unexpected{found.error()};
    if (found->empty()) {
        return fail(
            ErrorCode::not_found,
            "no subscription \"{}\" is known, of a tenant that you may see: `tollgate subscription list` "
            "shows those that are",
            id);
    }
    if (found->size() > 1)
        return fail(ErrorCode::conflict, "several tenants or providers have a subscription \"{}\"", id);
    auto movements = billing::movements_of(tx, actor, found->front());
    if (!movements) return std::unexpected{movements.error()};
    return SubscriptionStory{std::move(found->front()), std::move(*movements)};
}

void print_story(const SubscriptionStory& story) {
    const SubscriptionRow& row = story.row;
    const auto line = [](std::string_view name, const std::string& value) {
        if (!value.empty()) fmt::print("{:<14}{}\n", name, telemetry::printable(value));
    };
    line("subscription", row.id);
    line("tenant", row.tenant_slug.value_or(row.tenant.text()));
    line("provider", row.provider + (row.is_test ? " (test)" : ""));
    line("status", row.status.value_or("not told"));
    line("a month", amount_text(row.mrr, row.currency));
    line("plan", row.plan.value_or(""));
    line("customer", row.customer.value_or(""));
    if (row.period_end) line("paid until", to_rfc3339(*row.period_end));
    if (row.ends_at) line("ends at", to_rfc3339(*row.ends_at));
    fmt::print("\nrevenue:\n");
    if (story.movements.empty()) fmt::print("  it has brought none so far\n");
    for (const auto& each : story.movements)
        fmt::print("  {}  {:<13} {}\n", to_rfc3339(each.at), each.effect,
                   amount_text(each.delta, each.currency));
}

process::Exit show_subscription(const SubscriptionConfig& config) {
    return perform(
        "subscription show", config,
        [&](Transaction& tx, const Actor& actor) { return find_subscription(tx, actor, config.id); },
        [&](const SubscriptionStory& story) {
            if (!config.json) {
                print_story(story);
                return process::Exit::done;
            }
            boost::json::object object = to_json(story.row);
            boost::json::array movements;
            for (const auto& each : story.movements) {
                movements.push_back({{"at", to_rfc3339(each.at)},
                                     {"effect", each.effect},
                                     {"delta_minor", each.delta},
                                     {"currency", each.currency}});
            }
            object["movements"] = std::move(movements);
            print_json(object);
            return process::Exit::done;
        });
}

process::Exit mrr(const MrrConfig& config) {
    const auto tenant = config.scope();
    if (!tenant) return process::report("tollgate mrr", tenant.error());
    return perform(
        "mrr", config,
        [&](Transaction& tx, const Actor& actor) {
            return billing::mrr_by_month(tx, actor, *tenant, config.is_test);
        },
        [&](const std::vector<MrrMonth>& months) {
            if (months.empty())
                return process::report("tollgate mrr",
                                       {ErrorCode::not_found, "no subscription has brought any yet"});
            std::vector<std::vector<std::string>> rows{
                {"MONTH", "NEW", "EXPANSION", "REACTIVATION", "CONTRACTION", "CHURN", "AT ITS END"}};
            for (const MrrMonth& each : months) {
                const auto text = [&](std::int64_t minor) { return amount_text(minor, each.currency); };
                rows.push_back({each.month, text(each.begun), text(each.expansion), text(each.reactivation),
                                text(each.contraction), text(each.churn), text(each.at_end)});
                if (!config.json) continue;
                print_json(boost::json::object{{"month", each.month},
                                               {"currency", each.currency},
                                               {"new_minor", each.begun},
                                               {"expansion_minor", each.expansion},
                                               {"reactivation_minor", each.reactivation},
                                               {"contraction_minor", each.contraction},
                                               {"churn_minor", each.churn},
                                               {"mrr_minor", each.at_end}});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> subscription_commands() {
    return {
        operator_command<SubscriptionConfig>(
            "subscription list", "Show subscriptions, who was heard of last first.",
            "  tollgate subscription list --tenant acme --status past_due\n"
            "  tollgate subscription list --all-tenants --customer cus_1 --json",
            [](process::Settings& settings, SubscriptionConfig& config) {
                config.declare_scope(settings);
                settings.add_option("status", config.status,
                                    "trialing, active, past_due, unpaid, paused, cancelled or incomplete");
                settings.accept_only(
                    {"trialing", "active", "past_due", "unpaid", "paused", "cancelled", "incomplete"});
                settings.add_option("customer", config.customer, "the provider's id of the payer");
                settings.add_flag("test", config.is_test, "those of test mode, instead of real ones");
                settings.add_option("limit", config.limit, "how many at most: 100");
            },
            list_subscriptions),
        operator_command<SubscriptionConfig>(
            "subscription show", "Show a subscription and the revenue that it moved.",
            "  tollgate subscription show sub_1Q2",
            [](process::Settings& settings, SubscriptionConfig& config) {
                settings.add_positional("subscription", config.id, "the provider's id", true);
            },
            show_subscription),
        operator_command<MrrConfig>(
            "mrr", "Show monthly recurring revenue by month, and what moved it.",
            "By list prices: discounts and what is billed by use are not in it.\n\n"
            "  tollgate mrr --tenant acme\n"
            "  tollgate mrr --all-tenants --json",
            [](process::Settings& settings, MrrConfig& config) {
                config.declare_scope(settings);
                settings.add_flag("test", config.is_test, "of test mode, instead of real money");
            },
            mrr),
    };
}

}  // namespace tollgate
