// `tollgate payment`: payments, how they stand and what was booked of them.
#include <boost/json/array.hpp>

#include "billing/payment_reports.hpp"
#include "telemetry/text.hpp"
#include "tollgate/billing_amount.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/sample_sending.hpp"

namespace tollgate {

namespace {

using billing::PaymentDetails;
using billing::PaymentRow;
using postgres::Transaction;
using tenants::Actor;

struct ListConfig : OperatorConfig {
    std::string status;
    std::string customer;
    std::string provider;
    std::string limit;
    bool is_test = false;

    Result<billing::PaymentFilter> filter() const;
};

struct ShowConfig : OperatorConfig {
    std::string payment;
};

Result<billing::PaymentFilter> ListConfig::filter() const {
    const auto tenant_given = scope();
    if (!tenant_given) return std::unexpected{tenant_given.error()};
    const auto most = read_number<std::int64_t>("--limit", limit, 100, 1, 10'000);
    if (!most) return std::unexpected{most.error()};
    return billing::PaymentFilter{.tenant = *tenant_given,
                                  .status = if_given(status),
                                  .customer = if_given(customer),
                                  .provider = if_given(provider),
                                  .is_test = is_test,
                                  .limit = *most};
}

boost::json::object to_json(const PaymentRow& payment) {
    return {
        {"payment_id", payment.id.text()},
        {"tenant", payment.tenant.text()},
        {"tenant_slug", text_or_null(payment.tenant_slug)},
        {"provider", payment.provider},
        {"test", payment.is_test},
        {"payout", payment.is_payout},
        {"status", payment.status},
        {"amount_minor", payment.amount ? boost::json::value(*payment.amount) : boost::json::value(nullptr)},
        {"currency", text_or_null(payment.currency)},
        {"captured_minor", captured_json(payment)},
        {"fee_minor", payment.fee},
        {"refunded_minor", payment.refunded},
        {"disputed_minor", payment.disputed},
        {"lost_minor", payment.lost},
        {"paid_at", json_or_null(payment.paid_at)},
        {"refunded_at", json_or_null(payment.refunded_at)},
        {"customer", text_or_null(payment.customer)},
        {"subscription", text_or_null(payment.subscription)},
        {"failure_code", text_or_null(payment.failure_code)},
        {"failure_reason", text_or_null(payment.failure_reason)},
        {"receipt_url", text_or_null(payment.receipt_url)},
        {"oddity", text_or_null(payment.oddity)},
        {"taken_for", payment.taken_for ? boost::json::value{payment.taken_for->text()} : nullptr}};
}

boost::json::object to_json(const PaymentDetails& details) {
    boost::json::object object = to_json(details.payment);
    object["names"] = json_array(details.names);
    boost::json::array tellers;
    for (const auto& each : details.tellers) {
        tellers.push_back(
            {{"event_id", each.event.text()}, {"at", to_rfc3339(each.at)}, {"tells", each.kind}});
    }
    object["events"] = std::move(tellers);
    boost::json::array lines;
    for (const auto& line : details.lines) {
        lines.push_back({{"booked_at", to_rfc3339(line.booked_at)},
                         {"booking", line.booking},
                         {"debit", line.debit},
                         {"credit", line.credit},
                         {"amount_minor", line.minor},
                         {"currency", line.currency},
                         {"event_id", line.event.text()}});
    }
    object["ledger"] = std::move(lines);
    return object;
}

void print_details(const PaymentDetails& details) {
    const PaymentRow& payment = details.payment;
    const auto line = [](std::string_view name, const std::string& value) {
        if (!value.empty()) fmt::print("{:<14}{}\n", name, telemetry::printable(value));
    };
    const auto amount = [&](std::string_view name, std::int64_t minor) {
        if (minor != 0) line(name, amount_text(minor, payment.currency.value_or("")));
    };
    line(payment.is_payout ? "payout" : "payment", payment.id.text());
    line("tenant", payment.tenant_slug.value_or(payment.tenant.text()));
    line("provider", payment.provider + (payment.is_test ? " (test)" : ""));
    line("status", payment.status);
    line("amount", amount_text(payment));
    amount("fee", payment.fee);
    amount("given back", payment.refunded);
    amount("disputed", payment.disputed);
    amount("lost", payment.lost);
    if (payment.paid_at) line("paid at", to_rfc3339(*payment.paid_at));
    line("customer", payment.customer.value_or(""));
    line("subscription", payment.subscription.value_or(""));
    line("failure", payment.failure_reason.value_or(payment.failure_code.value_or("")));
    line("receipt", payment.receipt_url.value_or(""));
    line("odd", payment.oddity.value_or(""));
    if (payment.taken_for) {
        line("not booked", fmt::format("taken for the money of payment {}, which names no invoice",
                                       payment.taken_for->text()));
    }
    for (const std::string& name : details.names) line("known as", name);
    fmt::print("\ntold by:\n");
    for (const auto& each : details.tellers)
        fmt::print("  {}  {:<14} event {}\n", to_rfc3339(each.at), each.kind, each.event);
    fmt::print("\nledger:\n");
    if (details.lines.empty()) fmt::print("  nothing is booked\n");
    for (const auto& each : details.lines) {
        fmt::print("  {}  {:<14} {} -> {}  {}\n", to_rfc3339(each.booked_at), each.booking, each.credit,
                   each.debit, amount_text(each.minor, each.currency));
    }
}

process::Exit list(const ListConfig& config) {
    const auto filter = config.filter();
    if (!filter) return process::report("tollgate payment list", filter.error());
    return perform(
        "payment list", config,
        [&](Transaction& tx, const Actor& actor) { return billing::list_payments(tx, actor, *filter); },
        [&](const std::vector<PaymentRow>& payments) {
            if (payments.empty()) {
                return process::report("tollgate payment list",
                                       {ErrorCode::not_found, "no payment of that kind is known"});
            }
            std::vector<std::vector<std::string>> rows{
                {"PAYMENT", "TENANT", "PROVIDER", "STATUS", "AMOUNT", "PAID", "CUSTOMER"}};
            for (const PaymentRow& payment : payments) {
                if (config.json) print_json(to_json(payment));
                rows.push_back({payment.id.text(), payment.tenant_slug.value_or("-"), payment.provider,
                                payment.status, amount_text(payment), text_or_dash(payment.paid_at),
                                payment.customer.value_or("-")});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

process::Exit show(const ShowConfig& config) {
    return perform(
        "payment show", config,
        [&](Transaction& tx, const Actor& actor) { return billing::show_payment(tx, actor, config.payment); },
        [&](const PaymentDetails& details) {
            if (config.json) {
                print_json(to_json(details));
            } else {
                print_details(details);
            }
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> payment_commands() {
    return {
        operator_command<ListConfig>(
            "payment list", "Show payments, the newest first.",
            "  tollgate payment list --tenant acme --status disputed\n"
            "  tollgate payment list --all-tenants --customer cus_1 --json",
            [](process::Settings& settings, ListConfig& config) {
                config.declare_scope(settings);
                settings.add_option(
                    "status", config.status,
                    "pending, authorised, succeeded, failed, cancelled, partly_refunded, refunded, "
                    "disputed, won or lost");
                settings.accept_only({"pending", "authorised", "succeeded", "failed", "cancelled",
                                      "partly_refunded", "refunded", "disputed", "won", "lost"});
                settings.add_option("customer", config.customer, "the provider's id of the payer");
                settings.add_option("provider", config.provider, "as stripe");
                settings.accept_only(names_of_providers());
                settings.add_flag("test", config.is_test, "test payments, instead of real ones");
                settings.add_option("limit", config.limit, "how many at most: 100");
            },
            list),
        operator_command<ShowConfig>(
            "payment show", "Show a payment, the events that told of it and what was booked.",
            "  tollgate payment show pi_3Q1\n"
            "  tollgate payment show 0190b0f0-5a1e-7c3d-8a5b-000000000001 --json",
            [](process::Settings& settings, ShowConfig& config) {
                settings.add_positional("payment", config.payment,
                                        "its id, or the provider's of the payment, charge, invoice or order",
                                        true);
            },
            show),
    };
}

}  // namespace tollgate
