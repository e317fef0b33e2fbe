// `tollgate ledger`: whether it adds up.
#include <boost/json/array.hpp>

#include "billing/ledger_reports.hpp"
#include "tollgate/billing_amount.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using billing::LedgerCheck;
using postgres::Transaction;
using tenants::Actor;

boost::json::object to_json(const LedgerCheck& check) {
    boost::json::array balances;
    for (const auto& each : check.balances) {
        balances.push_back({{"tenant", each.tenant.text()},
                            {"test", each.is_test},
                            {"currency", each.currency},
                            {"account", each.account},
                            {"balance_minor", each.minor}});
    }
    boost::json::array disagreements;
    for (const auto& each : check.disagreements) {
        disagreements.push_back({{"tenant", each.tenant.text()},
                                 {"payment_id", each.payment.text()},
                                 {"booking", each.booking},
                                 {"currency", text_or_null(each.currency)},
                                 {"payment_says_minor", each.payment_says},
                                 {"ledger_says_minor", each.ledger_says}});
    }
    boost::json::array oddities;
    for (const auto& each : check.oddities) {
        oddities.push_back(
            {{"tenant", each.tenant.text()}, {"payment_id", each.payment.text()}, {"oddity", each.what}});
    }
    return {{"adds_up", check.adds_up()},
            {"balances", std::move(balances)},
            {"disagreements", std::move(disagreements)},
            {"oddities", std::move(oddities)},
            {"oddities_in_all", check.oddities_in_all},
            {"invoices_taken_for_payments", check.invoices_taken_for_payments}};
}

void print_check(const LedgerCheck& check) {
    std::vector<std::vector<std::string>> rows{{"TENANT", "ACCOUNT", "BALANCE"}};
    for (const auto& each : check.balances) {
        rows.push_back({each.tenant_slug.value_or(each.tenant.text()) + (each.is_test ? " (test)" : ""),
                        each.account, amount_text(each.minor, each.currency)});
    }
    print_table(rows);
    for (const auto& each : check.disagreements) {
        const std::string currency = each.currency.value_or("");
        fmt::print(
            "\npayment {}: its {} is {}, and the ledger has {}: have billing do its events over with "
            "`tollgate redo`\n",
            each.payment, each.booking, amount_text(each.payment_says, currency),
            amount_text(each.ledger_says, currency));
    }
    for (const auto& each : check.oddities)
        fmt::print("\npayment {}: {}: `tollgate payment show {}`\n", each.payment, each.what, each.payment);
    if (check.oddities_in_all > static_cast<std::int64_t>(check.oddities.size()))
        fmt::print("\nand {} more of the kind\n",
                   check.oddities_in_all - static_cast<std::int64_t>(check.oddities.size()));
    if (check.invoices_taken_for_payments > 0) {
        fmt::print(
            "\n{} {} not booked: a payment of the same payer and amount came at the same time, and neither "
            "names "
            "the other. Have the provider send what links them (Stripe: invoice_payment.paid)\n",
            check.invoices_taken_for_payments,
            check.invoices_taken_for_payments == 1 ? "paid invoice is" : "paid invoices are");
    }
    fmt::print("\n{}\n", check.adds_up() ? "the ledger adds up" : "the ledger does NOT add up");
}

process::Exit check(const OperatorConfig& config) {
    const auto tenant = config.scope();
    if (!tenant) return process::report("tollgate ledger check", tenant.error());
    return perform(
        "ledger check", config,
        [&](Transaction& tx, const Actor& actor) { return billing::check_ledger(tx, actor, *tenant); },
        [&](const LedgerCheck& done) {
            if (done.balances.empty() && done.adds_up() && done.oddities.empty()) {
                return process::report("tollgate ledger check",
                                       {ErrorCode::not_found, "nothing is booked yet"});
            }
            if (config.json) {
                print_json(to_json(done));
            } else {
                print_check(done);
            }
            return done.adds_up() ? process::Exit::done : process::Exit::failed;
        });
}

}  // namespace

std::vector<process::Command> ledger_commands() {
    return {
        operator_command<OperatorConfig>(
            "ledger check", "Check that the ledger adds up, and show what its accounts stand at.",
            "Exit 1 if it does not. What is odd and does not break it (a refund of a payment that was never "
            "seen) is "
            "told.\n\n"
            "  tollgate ledger check --tenant acme\n"
            "  tollgate ledger check --all-tenants --json",
            [](process::Settings& settings, OperatorConfig& config) { config.declare_scope(settings); },
            check),
    };
}

}  // namespace tollgate
