// `tollgate destination`: where notifications go. What calls Slack is in destination_call.cpp.
#include "tollgate/commands.hpp"
#include "tollgate/destination_flags.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using process::Exit;
using tenants::Actor;
using tenants::DestinationState;

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
    return perform(
        "destination create", config,
        [&](Transaction& tx, const Actor& actor) {
            return create_destination(tx, actor, *keys, config.tenant, wanted, config.reason);
        },
        [&](const DestinationState& made) {
            print_destination(made, config.json);
            if (!config.json) {
                fmt::print("\nSee whether it works: tollgate destination test {} --tenant {}\n", made.slug,
                           made.tenant_slug);
            }
            return Exit::done;
        });
}

Exit list(const DestinationConfig& config) {
    const auto scope = config.scope();
    if (!scope) return process::report("tollgate destination list", scope.error());
    return perform(
        "destination list", config,
        [&](Transaction& tx, const Actor& actor) { return list_destinations(tx, actor, *scope); },
        [&](const std::vector<DestinationState>& all) {
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
            return show_destination(tx, actor, config.tenant, config.slug);
        },
        [&](const DestinationState& one) { return print_destination(one, config.json); });
}

Exit set(const DestinationConfig& config) {
    const auto change = config.flags.json();
    if (!change) return process::report("tollgate destination set", change.error());
    return perform(
        "destination set", config,
        [&](Transaction& tx, const Actor& actor) {
            return set_destination(tx, actor, config.tenant, config.slug, *change, config.reason);
        },
        [&](const DestinationState& one) { return print_destination(one, config.json); });
}

Exit disable(const DestinationConfig& config) {
    return perform(
        "destination disable", config,
        [&](Transaction& tx, const Actor& actor) {
            return disable_destination(tx, actor, config.tenant, config.slug, config.reason);
        },
        [&](const DestinationState& one) { return print_destination(one, config.json); });
}

Exit enable(const DestinationConfig& config) {
    return perform(
        "destination enable", config,
        [&](Transaction& tx, const Actor& actor) {
            return enable_destination(tx, actor, config.tenant, config.slug, config.reason);
        },
        [&](const DestinationState& one) { return print_destination(one, config.json); });
}

void declare_create(process::Settings& settings, DestinationConfig& config) {
    config.declare_change(settings);
    settings.add_option("kind", config.kind, "slack-webhook or slack-bot");
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
            "destination list", "Show the destinations of one tenant, or of all.", "",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_scope(settings); },
            list),
        operator_command<DestinationConfig>(
            "destination show", "Show one destination. Its secret is never shown.", "",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_one(settings); },
            show),
        operator_command<DestinationConfig>(
            "destination set", "Change some of a destination's settings.",
            "What is not named stays; \"default\" puts one back.\n\n"
            "  tollgate destination set ops --tenant acme --tone playful --user-group default\n"
            "  tollgate destination set ops --tenant acme --settings '{\"quiet_hours\": null}'",
            [](process::Settings& settings, DestinationConfig& config) {
                config.declare_change(settings);
                config.flags.declare(settings);
            },
            set),
        operator_command<DestinationConfig>(
            "destination disable", "Send nothing more to a destination.", "What is for it waits.",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_change(settings); },
            disable),
        operator_command<DestinationConfig>(
            "destination enable", "Undo `destination disable`.", "",
            [](process::Settings& settings, DestinationConfig& config) { config.declare_change(settings); },
            enable),
    };
}

}  // namespace tollgate
