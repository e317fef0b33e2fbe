// `tollgate rule`: which events a tenant is told of, and where.
#include <boost/json/array.hpp>
#include <fmt/ranges.h>

#include "core/money.hpp"
#include "delivery/rule_verbs.hpp"
#include "telemetry/text.hpp"
#include "tollgate/billing_amount.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using delivery::ListedRule;
using postgres::Transaction;
using tenants::Actor;

struct ListConfig : OperatorConfig {
    std::string destination;
};

struct AddConfig : OperatorConfig {
    std::string name;
    std::string destination;
    std::string place;
    std::vector<std::string> categories;
    std::vector<std::string> types;
    std::string minimum;
    std::string plan;
    std::string priority;
    std::string mode;
    std::string way = "message";
    std::string mention;
    bool pass_in_quiet = false;

    Result<delivery::NewRule> wanted() const;
};

struct RemoveConfig : OperatorConfig {
    std::string rule;
};

struct TestConfig : OperatorConfig {
    std::string event;
};

// "1000 USD", "1000.50 USD"
Result<archive::Amount> amount_in(const std::string& text) {
    const auto blank = text.find(' ');
    if (blank == std::string::npos)
        return fail(ErrorCode::invalid, "--minimum: \"{}\" is no amount: one is like \"1000.00 USD\"", text);
    const auto currency = Currency::parse(text.substr(blank + 1));
    if (!currency) return std::unexpected{currency.error().within("--minimum")};
    const auto money = Money::parse(text.substr(0, blank), *currency);
    if (!money) return std::unexpected{money.error().within("--minimum")};
    return archive::Amount{.minor = money->minor, .currency = std::string{currency->code()}};
}

Result<delivery::NewRule> AddConfig::wanted() const {
    const auto chosen = delivery::parse_way(way);
    if (!chosen) return std::unexpected{chosen.error().within("--way")};
    delivery::NewRule made{.destination = destination,
                           .rule = {.name = name,
                                    .categories = categories,
                                    .types = types,
                                    .plan = plan,
                                    .mode = mode,
                                    .way = *chosen,
                                    .mention = mention,
                                    .hold_in_quiet = !pass_in_quiet}};
    if (!place.empty()) {
        const auto number = read_number<std::int32_t>("--place", place, 0, 1, 1'000'000);
        if (!number) return std::unexpected{number.error()};
        made.place = *number;
    }
    if (!priority.empty()) {
        const auto number = read_number<std::int32_t>("--priority", priority, 0, 1, 4);
        if (!number) return std::unexpected{number.error()};
        made.rule.priority = *number;
    }
    if (!minimum.empty()) {
        auto amount = amount_in(minimum);
        if (!amount) return std::unexpected{amount.error()};
        made.rule.minimum = std::move(*amount);
    }
    return made;
}

boost::json::object to_json(const ListedRule& listed) {
    const delivery::Rule& rule = listed.rule;
    return {{"rule", rule.id.text()},
            {"tenant", rule.tenant.text()},
            {"tenant_slug", listed.tenant_slug},
            {"destination", listed.destination_slug},
            {"place", rule.place},
            {"name", rule.name},
            {"categories", json_array(rule.categories)},
            {"types", json_array(rule.types)},
            {"minimum_minor", rule.minimum ? boost::json::value(rule.minimum->minor) : nullptr},
            {"currency", rule.minimum ? boost::json::value(rule.minimum->currency) : nullptr},
            {"plan", text_or_null(if_given(rule.plan))},
            {"priority", rule.priority ? boost::json::value(*rule.priority) : nullptr},
            {"mode", text_or_null(if_given(rule.mode))},
            {"way", delivery::name(rule.way)},
            {"mention", text_or_null(if_given(rule.mention))},
            {"quiet", rule.hold_in_quiet ? "hold" : "pass"}};
}

// "type payment, at least 1000.00 USD"
std::string conditions_of(const delivery::Rule& rule) {
    std::vector<std::string> words;
    if (!rule.categories.empty()) words.push_back(fmt::format("{}", fmt::join(rule.categories, " or ")));
    if (!rule.types.empty()) words.push_back(fmt::format("{}", fmt::join(rule.types, " or ")));
    if (rule.minimum) words.push_back("at least " + amount_text(rule.minimum->minor, rule.minimum->currency));
    if (!rule.plan.empty()) words.push_back("plan " + rule.plan);
    if (rule.priority) words.push_back(fmt::format("priority {} or more urgent", *rule.priority));
    if (!rule.mode.empty()) words.push_back(rule.mode);
    return words.empty() ? "everything" : fmt::format("{}", fmt::join(words, ", "));
}

std::vector<std::string> cells(const ListedRule& listed) {
    const delivery::Rule& rule = listed.rule;
    return {listed.tenant_slug,
            listed.destination_slug,
            std::to_string(rule.place),
            rule.name,
            std::string{delivery::name(rule.way)},
            rule.hold_in_quiet ? "held" : "passes",
            rule.mention.empty() ? "-" : rule.mention,
            conditions_of(rule)};
}

process::Exit print_rules(const std::vector<ListedRule>& rules, bool json) {
    std::vector<std::vector<std::string>> rows{
        {"TENANT", "DESTINATION", "PLACE", "RULE", "WAY", "IN QUIET HOURS", "MENTION", "OF"}};
    for (const ListedRule& rule : rules) {
        if (json) print_json(to_json(rule));
        rows.push_back(cells(rule));
    }
    if (!json) print_table(rows);
    return process::Exit::done;
}

process::Exit list(const ListConfig& config) {
    const auto tenant = config.scope();
    if (!tenant) return process::report("tollgate rule list", tenant.error());
    return perform(
        "rule list", config,
        [&](Transaction& tx, const Actor& actor) {
            return delivery::list_rules(tx, actor,
                                        {.tenant = *tenant, .destination = if_given(config.destination)});
        },
        [&](const std::vector<ListedRule>& rules) {
            if (!rules.empty()) return print_rules(rules, config.json);
            return process::report("tollgate rule list",
                                   {ErrorCode::not_found, "there is no rule, so nobody is told of anything"});
        });
}

process::Exit add(const AddConfig& config) {
    const auto wanted = config.wanted();
    if (!wanted) return process::report("tollgate rule add", wanted.error());
    return perform(
        "rule add", config,
        [&](Transaction& tx, const Actor& actor) {
            return delivery::add_rule(tx, actor, config.tenant, *wanted, config.reason);
        },
        [&](const ListedRule& rule) { return print_rules({rule}, config.json); });
}

process::Exit remove(const RemoveConfig& config) {
    return perform(
        "rule remove", config,
        [&](Transaction& tx, const Actor& actor) {
            return delivery::remove_rule(tx, actor, config.tenant, config.rule, config.reason);
        },
        [&](const ListedRule& rule) { return print_rules({rule}, config.json); });
}

std::string verdict_of(const delivery::TriedRule& tried) {
    if (tried.why_not) return "no: " + *tried.why_not;
    return tried.decides ? "yes, and it decides" : "yes, and one before it decides";
}

process::Exit test(const TestConfig& config) {
    const auto event = Uuid::parse(config.event);
    if (!event) return process::report("tollgate rule test", event.error());
    return perform(
        "rule test", config,
        [&](Transaction& tx, const Actor& actor) { return delivery::try_rules(tx, actor, *event); },
        [&](const delivery::RuleTrial& trial) {
            std::vector<std::vector<std::string>> rows{{"DESTINATION", "PLACE", "RULE", "WAY", "FITS"}};
            for (const auto& each : trial.rules) {
                if (config.json) {
                    boost::json::object object = to_json(each.rule);
                    object["fits"] = !each.why_not;
                    object["why_not"] = text_or_null(each.why_not);
                    object["decides"] = each.decides;
                    print_json(object);
                }
                rows.push_back({each.rule.destination_slug, std::to_string(each.rule.rule.place),
                                each.rule.rule.name, std::string{delivery::name(each.rule.rule.way)},
                                verdict_of(each)});
            }
            if (!config.json) {
                fmt::print("{}\n\n", telemetry::printable(trial.headline));
                print_table(rows);
            }
            return process::Exit::done;
        });
}

void declare_add(process::Settings& settings, AddConfig& config) {
    config.declare_tenant(settings);
    config.declare_reason(settings);
    settings.add_positional("name", config.name, "what the rule is called: people read it below the message",
                            true);
    settings.add_option("destination", config.destination, "where to: its slug or id");
    settings.add_option("place", config.place, "before which others it is asked: after all, if not given");
    settings.add_list("category", config.categories,
                      "money_in, money_at_risk, money_out, ... (again for more)");
    settings.add_list("type", config.types,
                      "payment_failed, or the provider's: stripe.invoice.paid (again for more)");
    settings.add_option("minimum", config.minimum, "at least so much, as \"1000.00 USD\"");
    settings.add_option("plan", config.plan, "the plan's name or id");
    settings.add_option("priority", config.priority, "so urgent at least: 1 (act now) to 4 (digest)");
    settings.add_option("mode", config.mode, "live or test");
    settings.add_option("way", config.way, "message, digest, or nothing: message");
    settings.add_option("mention", config.mention, "a user group of Slack, as S0123ABCD");
    settings.add_flag("pass-quiet-hours", config.pass_in_quiet, "told in quiet hours too");
}

}  // namespace

std::vector<process::Command> rule_commands() {
    return {
        operator_command<ListConfig>(
            "rule list", "Show the rules by which people are told of events.",
            "  tollgate rule list --tenant acme --destination payments",
            [](process::Settings& settings, ListConfig& config) {
                config.declare_scope(settings);
                settings.add_option("destination", config.destination, "of this one alone");
            },
            list),
        operator_command<AddConfig>(
            "rule add", "Add a rule; of those for a destination the first that fits decides.",
            "  tollgate rule add 'large refunds' --tenant acme --destination payments --type refund \\\n"
            "      --minimum '500.00 USD' --place 5 --pass-quiet-hours\n"
            "  tollgate rule add 'no tests' --tenant acme --destination payments --mode test --way nothing "
            "--place 1",
            declare_add, add),
        operator_command<RemoveConfig>(
            "rule remove", "Remove a rule.", "  tollgate rule remove 'large refunds' --tenant acme",
            [](process::Settings& settings, RemoveConfig& config) {
                config.declare_tenant(settings);
                config.declare_reason(settings);
                settings.add_positional("rule", config.rule, "its name or id", true);
            },
            remove),
        operator_command<TestConfig>(
            "rule test", "Show which rules an event that came fits, and why not the others.",
            "  tollgate rule test 0190b0f0-5a1e-7c3d-8a5b-000000000001",
            [](process::Settings& settings, TestConfig& config) {
                settings.add_positional("event", config.event, "its id: `tollgate event list` has it", true);
            },
            test),
    };
}

}  // namespace tollgate
