// `tollgate operator`: who may give orders.
#include <boost/json/object.hpp>
#include <fmt/ranges.h>

#include "tenants/operators.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::OperatorState;

struct OperatorCommandConfig : OperatorConfig {
    std::string name;
    std::string role;
    std::vector<std::string> tenants;
};

std::vector<std::string> slugs_of(const OperatorState& one) {
    std::vector<std::string> slugs;
    if (!one.tenants) return {"*"};
    for (const tenants::TenantName& tenant : *one.tenants) slugs.push_back(tenant.slug);
    return slugs;
}

boost::json::object to_json(const OperatorState& one) {
    return {{"name", one.name},
            {"role", tenants::name(one.role)},
            {"tenants", one.tenants ? json_array(slugs_of(one)) : boost::json::value("*")},
            {"retired_at", json_or_null(one.retired_at)},
            {"created_at", to_rfc3339(one.created_at)}};
}

process::Exit print_added(const tenants::AddedOperator& added, bool json) {
    if (json) {
        boost::json::object object = to_json(added.state);
        object["token"] = added.token.reveal();
        print_json(object);
        return process::Exit::done;
    }
    fmt::print(
        "added {} as {}\n\nThe token, shown this once; whoever uses it keeps it in "
        "~/.config/tollgate/token:\n{}\n",
        added.state.name, tenants::name(added.state.role), added.token.reveal());
    return process::Exit::done;
}

// With the login that migrates, while the platform has no admin: whoever has it could make one anyway.
// Nothing if it is not for that.
Result<std::optional<tenants::AddedOperator>> add_first(const OperatorCommandConfig& config) {
    using Added = std::optional<tenants::AddedOperator>;
    auto connection = postgres::Connection::open(config.database.connection("tollgate operator", ""));
    if (!connection) return std::unexpected{connection.error()};
    return transact(*connection, [&](Transaction& tx) -> Result<Added> {
        if (!tenants::may_add_first_operator(tx)) return Added{};
        if ((!config.role.empty() && config.role != "admin") || !config.tenants.empty()) {
            return fail(
                ErrorCode::invalid,
                "the first operator is an admin of the whole platform: leave --role and --tenant out");
        }
        auto added = tenants::add_first_operator(tx, config.name);
        if (!added) return std::unexpected{added.error()};
        return Added{std::move(*added)};
    });
}

process::Exit add(const OperatorCommandConfig& config) {
    const auto first = add_first(config);
    if (!first) return process::report("tollgate operator add", first.error());
    if (*first) return print_added(**first, config.json);
    const auto role = tenants::parse_role(config.role.empty() ? "operator" : config.role);
    if (!role) return process::report("tollgate operator add", role.error());
    const tenants::NewOperator wanted{.name = config.name, .role = *role, .tenants = config.tenants};
    return perform(
        "operator add", config,
        [&](Transaction& tx, const Actor& actor) { return add_operator(tx, actor, wanted, config.reason); },
        [&](const tenants::AddedOperator& added) { return print_added(added, config.json); });
}

process::Exit list(const OperatorCommandConfig& config) {
    return perform(
        "operator list", config, tenants::list_operators, [&](const std::vector<OperatorState>& all) {
            std::vector<std::vector<std::string>> rows{{"OPERATOR", "ROLE", "RETIRED", "CREATED", "TENANTS"}};
            for (const OperatorState& one : all) {
                if (config.json) print_json(to_json(one));
                rows.push_back({one.name, std::string{tenants::name(one.role)}, text_or_dash(one.retired_at),
                                to_rfc3339(one.created_at),
                                fmt::format("{}", fmt::join(slugs_of(one), " "))});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

process::Exit retire(const OperatorCommandConfig& config) {
    return perform(
        "operator retire", config,
        [&](Transaction& tx, const Actor& actor) {
            return retire_operator(tx, actor, config.name, config.reason);
        },
        [&](const OperatorState& retired) {
            if (config.json) {
                print_json(to_json(retired));
            } else {
                fmt::print("{} is retired: the token is nobody's any more\n", retired.name);
            }
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> operator_commands() {
    return {
        operator_command<OperatorCommandConfig>(
            "operator add", "Add somebody who may give orders, and show the token once.",
            "A viewer looks, an operator changes, an admin adds operators too. The first one is added with\n"
            "the login that migrates, needs no token and is an admin.\n\n"
            "  TOLLGATE_DATABASE_URL_FILE=owner.url tollgate operator add ann\n"
            "  tollgate operator add bob --role viewer --tenant acme --tenant beta",
            [](process::Settings& settings, OperatorCommandConfig& config) {
                settings.add_positional("name", config.name, "used once: the audit log goes by it", true);
                settings.add_option("role", config.role, "viewer, operator or admin [operator]");
                settings.add_list("tenant", config.tenants, "limits it to this one; else all");
                config.declare_reason(settings);
            },
            add),
        operator_command<OperatorCommandConfig>(
            "operator list", "Show the operators.", "  tollgate operator list",
            [](process::Settings&, OperatorCommandConfig&) {}, list),
        operator_command<OperatorCommandConfig>(
            "operator retire", "Take an operator's token out of use.",
            "  tollgate operator retire ada --reason 'left the company'",
            [](process::Settings& settings, OperatorCommandConfig& config) {
                settings.add_positional("name", config.name, "as `operator list` shows it", true);
                config.declare_reason(settings);
            },
            retire),
    };
}

}  // namespace tollgate
