// `tollgate source`: where providers send to.
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/ranges.h>

#include "process/seal_config.hpp"
#include "tenants/sources.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"
#include "tollgate/provider_catalogue.hpp"
#include "tollgate/sample_sending.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::SourceState;

struct SourceConfig : OperatorConfig {
    process::SealConfig seal;
    std::string slug;
    std::string provider;
    std::string settings;
    std::vector<std::string> aliases;
    std::vector<std::string> school_codes;
    SecretFlags secret;
};

std::string path_of(const SourceState& source) {
    return fmt::format("/v1/in/{}/{}", source.tenant_slug, source.slug);
}

boost::json::object to_json(const SourceState& source) {
    return {{"source", source.id.text()},
            {"tenant", source.tenant.text()},
            {"tenant_slug", source.tenant_slug},
            {"slug", source.slug},
            {"provider", source.provider},
            {"settings", boost::json::parse(source.settings)},
            {"path", path_of(source)},
            {"aliases", json_array(source.aliases)},
            {"school_codes", json_array(source.school_codes)},
            {"valid_secrets", source.valid_secrets},
            {"disabled_at", json_or_null(source.disabled_at)},
            {"created_at", to_rfc3339(source.created_at)}};
}

process::Exit print(const SourceState& source, bool json) {
    if (json) {
        print_json(to_json(source));
        return process::Exit::done;
    }
    print_table(
        {{"slug", source.slug},
         {"id", source.id.text()},
         {"tenant", source.tenant_slug},
         {"provider", source.provider},
         {"settings", source.settings},
         {"path", path_of(source)},
         {"aliases", source.aliases.empty() ? "-" : fmt::format("{}", fmt::join(source.aliases, " "))},
         {"school codes",
          source.school_codes.empty() ? "-" : fmt::format("{}", fmt::join(source.school_codes, " "))},
         {"valid secrets", std::to_string(source.valid_secrets)},
         {"disabled", text_or_dash(source.disabled_at)},
         {"created", to_rfc3339(source.created_at)}});
    return process::Exit::done;
}

process::Exit print_created(const tenants::CreatedSource& created, const SourceConfig& config) {
    if (config.json) {
        boost::json::object object = to_json(created.source);
        if (created.secret) {
            boost::json::object secret{{"id", created.secret->id.text()}};
            if (created.secret->made) secret["value"] = created.secret->made->reveal();
            object["secret"] = std::move(secret);
        }
        print_json(object);
        return process::Exit::done;
    }
    print(created.source, false);
    if (created.secret && created.secret->made) {
        fmt::print("\nIts secret, shown this once; give it to the provider:\n{}\n",
                   created.secret->made->reveal());
    } else if (!created.secret) {
        fmt::print("\nIt has no secret yet: tollgate source secret add {} --tenant {}\n", created.source.slug,
                   created.source.tenant_slug);
    }
    return process::Exit::done;
}

Result<tenants::NewSource> wanted_of(const SourceConfig& config) {
    tenants::NewSource wanted{.slug = config.slug,
                              .provider = config.provider,
                              .aliases = config.aliases,
                              .school_codes = config.school_codes};
    if (!config.settings.empty()) {
        auto settings = read_text(config.settings);
        if (!settings) return std::unexpected{settings.error().within("--settings")};
        wanted.settings = std::move(*settings);
    }
    if (config.secret.any()) {
        auto secret = config.secret.read();
        if (!secret) return std::unexpected{secret.error()};
        wanted.secret = std::move(*secret);
    }
    return wanted;
}

process::Exit create(const SourceConfig& config) {
    const auto wanted = wanted_of(config);
    if (!wanted) return process::report("tollgate source create", wanted.error());
    const auto keys = config.seal.load();
    if (!keys) return process::report("tollgate source create", keys.error());
    return perform(
        "source create", config,
        [&](Transaction& tx, const Actor& actor) {
            return create_source(tx, actor, {provider_catalogue(), *keys}, config.tenant, *wanted,
                                 config.reason);
        },
        [&](const tenants::CreatedSource& created) { return print_created(created, config); });
}

process::Exit list(const SourceConfig& config) {
    const auto scope = config.scope();
    if (!scope) return process::report("tollgate source list", scope.error());
    return perform(
        "source list", config,
        [&](Transaction& tx, const Actor& actor) { return list_sources(tx, actor, *scope); },
        [&](const std::vector<SourceState>& all) {
            if (all.empty())
                return process::report("tollgate source list", {ErrorCode::not_found, "there is no source"});
            std::vector<std::vector<std::string>> rows{
                {"TENANT", "SOURCE", "PROVIDER", "VALID SECRETS", "DISABLED", "PATH"}};
            for (const SourceState& source : all) {
                if (config.json) print_json(to_json(source));
                rows.push_back({source.tenant_slug, source.slug, source.provider,
                                std::to_string(source.valid_secrets), text_or_dash(source.disabled_at),
                                path_of(source)});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

process::Exit show(const SourceConfig& config) {
    return perform(
        "source show", config,
        [&](Transaction& tx, const Actor& actor) {
            return show_source(tx, actor, config.tenant, config.slug);
        },
        [&](const SourceState& source) { return print(source, config.json); });
}

process::Exit set(const SourceConfig& config) {
    const auto settings = read_text(config.settings);
    if (!settings) return process::report("tollgate source set", settings.error().within("--settings"));
    const auto keys = config.seal.load();
    if (!keys) return process::report("tollgate source set", keys.error());
    return perform(
        "source set", config,
        [&](Transaction& tx, const Actor& actor) {
            return set_source(tx, actor, {provider_catalogue(), *keys}, config.tenant, config.slug, *settings,
                              config.reason);
        },
        [&](const SourceState& source) { return print(source, config.json); });
}

process::Exit disable(const SourceConfig& config) {
    return perform(
        "source disable", config,
        [&](Transaction& tx, const Actor& actor) {
            return disable_source(tx, actor, config.tenant, config.slug, config.reason);
        },
        [&](const SourceState& source) { return print(source, config.json); });
}

process::Exit enable(const SourceConfig& config) {
    return perform(
        "source enable", config,
        [&](Transaction& tx, const Actor& actor) {
            return enable_source(tx, actor, config.tenant, config.slug, config.reason);
        },
        [&](const SourceState& source) { return print(source, config.json); });
}

void declare_create(process::Settings& settings, SourceConfig& config) {
    config.declare_tenant(settings);
    settings.require_last();
    settings.add_option("provider", config.provider, "who sends: stripe, shopify ...");
    settings.suggest(names_of_providers());
    settings.require_last();
    settings.add_option("slug", config.slug, "its name in URLs; else the provider's");
    settings.add_option("settings", config.settings, "the provider's own, a JSON object or @FILE");
    settings.add_list("alias", config.aliases, "a path that leads to it as well, as /webhooks/stripe");
    settings.add_list("school-code", config.school_codes, "an X-School-Code that leads to it");
    config.secret.declare(settings);
    config.declare_reason(settings);
    config.seal.declare(settings);
}

void declare_one(process::Settings& settings, SourceConfig& config) {
    settings.add_positional("source", config.slug, "its slug or id", true);
    config.declare_tenant(settings);
    settings.require_last();
}

void declare_change(process::Settings& settings, SourceConfig& config) {
    declare_one(settings, config);
    config.declare_reason(settings);
}

void declare_set(process::Settings& settings, SourceConfig& config) {
    declare_change(settings, config);
    settings.add_option("settings", config.settings, "all of them anew, a JSON object or @FILE");
    settings.require_last();
    config.seal.declare(settings);
}

}  // namespace

std::vector<process::Command> source_commands() {
    return {
        operator_command<SourceConfig>(
            "source create", "Make a place that a provider sends to.",
            "Its slug is never changed and never used again; an alias and a school code lead to one source\n"
            "for ever. The secret comes from a file or stdin, never as an argument.\n\n"
            "  tollgate source create --tenant acme --provider stripe --secret-file - <secret.txt\n"
            "  tollgate source create --tenant acme --provider generic --settings @generic.json --generate",
            declare_create, create),
        operator_command<SourceConfig>(
            "source list", "Show the sources of one tenant, or of all.",
            "  tollgate source list --all-tenants --json",
            [](process::Settings& settings, SourceConfig& config) { config.declare_scope(settings); }, list),
        operator_command<SourceConfig>("source show", "Show one source. Its secrets are never shown.",
                                       "  tollgate source show stripe --tenant acme", declare_one, show),
        operator_command<SourceConfig>(
            "source set", "Change a source's settings.",
            "They replace those that are there, and must fit the source's secrets.\n\n"
            "  tollgate source set stripe --tenant acme --settings @stripe.json",
            declare_set, set),
        operator_command<SourceConfig>("source disable", "Take nothing more in from a source.",
                                       "Within a second it takes nothing any more.\n\n"
                                       "  tollgate source disable stripe --tenant acme --reason 'moved away'",
                                       declare_change, disable),
        operator_command<SourceConfig>("source enable", "Undo `source disable`.",
                                       "  tollgate source enable stripe --tenant acme", declare_change,
                                       enable),
    };
}

}  // namespace tollgate
