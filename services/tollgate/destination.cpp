// `tollgate destination`: where notifications go. What calls Slack is in destination_call.cpp.
#include "delivery/rule_verbs.hpp"
#include "delivery/verbs.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/destination_flags.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using process::Exit;
using tenants::Actor;
using tenants::DestinationState;

// Only a tenant's first destination comes with rules.
void print_next_steps(const DestinationState& made, std::size_t rules) {
    if (rules == 0) {
        fmt::print(
            "\nIt is told of nothing yet, for it has no rules. Of all that fails, for example:\n"
            "  tollgate rule add 'what is at risk' --tenant {0} --destination {1} --category money_at_risk\n",
            made.tenant_slug, made.slug);
    } else {
        fmt::print(
            "\nIt begins with {} rules, which say what it is told of: tollgate rule list --tenant {}\n",
            rules, made.tenant_slug);
    }
    fmt::print("See whether it works: tollgate destination test {} --tenant {}\n", made.slug,
               made.tenant_slug);
}

Exit create(const DestinationConfig& config) {
    constexpr const char* command = "tollgate destination create";
    const auto kind = tenants::parse_destination_kind(config.kind);
    if (!kind) return process::report(command, kind.error());
    const auto settings = config.flags.json();
    if (!settings) return process::report(command, settings.error());
    const auto keys = config.seal.load();
    if (!keys) return process::report(command, keys.error());
    const auto slack = delivery::SlackClient::make(config.slack);
    if (!slack) return process::report(command, slack.error());
    const auto secret = read_destination_secret(config, *slack, *kind);
    if (!secret) return process::report(command, secret.error());
    const tenants::NewDestination wanted{.slug = config.slug, .secret = *secret, .settings = *settings};
    struct Made {
        StandingDestination destination;
        std::size_t rules = 0;
    };
    return perform(
        "destination create", config,
        [&](Transaction& tx, const Actor& actor) -> Result<Made> {
            auto made =
                with_trouble(tx, create_destination(tx, actor, *keys, config.tenant, wanted, config.reason));
            if (!made) return std::unexpected{made.error()};
            const auto rules = delivery::list_rules(
                tx, actor, {.tenant = config.tenant, .destination = made->destination.slug});
            if (!rules) return std::unexpected{rules.error()};
            return Made{std::move(*made), rules->size()};
        },
        [&](const Made& made) {
            print_destination(made.destination, config.json);
            if (!config.json) print_next_steps(made.destination.destination, made.rules);
            return Exit::done;
        });
}

Exit list(const DestinationConfig& config) {
    const auto scope = config.scope();
    if (!scope) return process::report("tollgate destination list", scope.error());
    return perform(
        "destination list", config,
        [&](Transaction& tx, const Actor& actor) -> Result<std::vector<StandingDestination>> {
            auto found = list_destinations(tx, actor, *scope);
            if (!found) return std::unexpected{found.error()};
            return with_trouble(tx, std::move(*found));
        },
        [&](const std::vector<StandingDestination>& all) {
            if (all.empty()) {
                return process::report("tollgate destination list",
                                       {ErrorCode::not_found, "there is no destination"});
            }
            return print_destinations(all, config.json);
        });
}

Exit show(const DestinationConfig& config) {
    return perform(
        "destination show", config,
        [&](Transaction& tx, const Actor& actor) {
            return with_trouble(tx, show_destination(tx, actor, config.tenant, config.slug));
        },
        [&](const StandingDestination& one) { return print_destination(one, config.json); });
}

// What was broken for its channel's sake is sent to again when it has another one.
Result<StandingDestination> change_settings(Transaction& tx, const Actor& actor,
                                            const DestinationConfig& config, const std::string& change) {
    const auto before = show_destination(tx, actor, config.tenant, config.slug);
    if (!before) return std::unexpected{before.error()};
    auto after =
        with_trouble(tx, set_destination(tx, actor, config.tenant, config.slug, change, config.reason));
    if (!after || !after->trouble || !after->trouble->broken_at ||
        after->destination.settings.channel == before->settings.channel) {
        return after;
    }
    if (const auto resumed =
            delivery::resume_destination(tx, actor, config.tenant, config.slug, config.reason);
        !resumed) {
        return std::unexpected{resumed.error()};
    }
    return with_trouble(tx, Result<tenants::DestinationState>{std::move(after->destination)});
}

Exit set(const DestinationConfig& config) {
    const auto change = config.flags.json();
    if (!change) return process::report("tollgate destination set", change.error());
    return perform(
        "destination set", config,
        [&](Transaction& tx, const Actor& actor) { return change_settings(tx, actor, config, *change); },
        [&](const StandingDestination& one) { return print_destination(one, config.json); });
}

Exit disable(const DestinationConfig& config) {
    return perform(
        "destination disable", config,
        [&](Transaction& tx, const Actor& actor) {
            return with_trouble(tx,
                                disable_destination(tx, actor, config.tenant, config.slug, config.reason));
        },
        [&](const StandingDestination& one) { return print_destination(one, config.json); });
}

Exit enable(const DestinationConfig& config) {
    return perform(
        "destination enable", config,
        [&](Transaction& tx, const Actor& actor) {
            return with_trouble(tx, enable_destination(tx, actor, config.tenant, config.slug, config.reason));
        },
        [&](const StandingDestination& one) { return print_destination(one, config.json); });
}

void declare_create(process::Settings& settings, DestinationConfig& config) {
    config.declare_change(settings);
    settings.add_option("kind", config.kind, "slack-webhook or slack-bot");
    settings.accept_only({"slack-webhook", "slack-bot"});
    settings.require_last();
    config.flags.declare(settings);
    config.declare_secret(settings);
}

}  // namespace

std::vector<process::Command> destination_commands() {
    return {
        operator_command<DestinationConfig>(
            "destination create", "Make a place that notifications go to.",
            "An incoming webhook of Slack knows its channel; a bot's token is for a channel of your choice, "
            "and\n"
            "with it messages have threads and are changed later. The secret comes from a file or stdin and "
            "is\n"
            "never shown again; its fingerprint tells two of them apart.\n\n"
            "  tollgate destination create billing --tenant acme --kind slack-webhook --secret-file - "
            "<url.txt\n"
            "  tollgate destination create ops --tenant acme --kind slack-bot --secret-file token.txt \\\n"
            "      --channel C0123ABCD --user-group S0123ABCD --quiet-hours \"22:00-07:00 "
            "mon,tue,wed,thu,fri\"",
            declare_create, create),
        operator_command<DestinationConfig>(
            "destination list", "Show the destinations of one tenant, or of all.",
            "  tollgate destination list --all-tenants --json",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_scope(settings); },
            list),
        operator_command<DestinationConfig>(
            "destination show", "Show one destination. Its secret is never shown.",
            "  tollgate destination show payments --tenant acme",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_one(settings); },
            show),
        operator_command<DestinationConfig>(
            "destination set", "Change some of a destination's settings.",
            "What is not named stays; \"default\" puts one back. A bot that was broken is sent to again\n"
            "when it is given another channel.\n\n"
            "  tollgate destination set ops --tenant acme --tone playful --user-group default\n"
            "  tollgate destination set ops --tenant acme --settings '{\"quiet_hours\": null}'",
            [](process::Settings& settings, DestinationConfig& config) {
                config.declare_change(settings);
                config.flags.declare(settings);
            },
            set),
        operator_command<DestinationConfig>(
            "destination disable", "Send nothing more to a destination.",
            "What is for it waits.\n\n"
            "  tollgate destination disable payments --tenant acme --reason 'a quiet week'",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_change(settings); },
            disable),
        operator_command<DestinationConfig>(
            "destination enable", "Undo `destination disable`.",
            "  tollgate destination enable payments --tenant acme",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_change(settings); },
            enable),
    };
}

}  // namespace tollgate
