// `tollgate directory`, `tollgate reference`: who payers are in the tenants' own systems.
#include <boost/json/object.hpp>

#include "enrichment/directories.hpp"
#include "enrichment/mappings.hpp"
#include "process/seal_config.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

using enrichment::DirectoryState;
using enrichment::Mapping;
using enrichment::Reference;
using postgres::Transaction;
using tenants::Actor;

struct DirectoryConfig : OperatorConfig {
    std::string provider;
    std::string url;
    std::string token_file;
    process::SealConfig seal;
};

struct ReferenceConfig : OperatorConfig {
    std::string provider;
    std::string customer;
    std::string reference;
    std::string file;
    std::string within;
    std::string limit;
    bool unmapped = false;

    Result<std::vector<Mapping>> mappings() const;
};

boost::json::object to_json(const DirectoryState& directory) {
    return {{"tenant", directory.tenant_slug},          {"provider", directory.provider},
            {"url", text_or_null(directory.url)},       {"token", directory.has_token},
            {"off_at", json_or_null(directory.off_at)}, {"unmapped", directory.unmapped}};
}

process::Exit print(const std::vector<DirectoryState>& directories, bool json) {
    std::vector<std::vector<std::string>> rows{
        {"TENANT", "PROVIDER", "ASKED AT", "TOKEN", "OFF", "UNMAPPED"}};
    for (const DirectoryState& each : directories) {
        if (json) print_json(to_json(each));
        rows.push_back({each.tenant_slug, each.provider, each.url.value_or("-"),
                        each.has_token ? "yes" : "no", text_or_dash(each.off_at),
                        std::to_string(each.unmapped)});
    }
    if (!json) print_table(rows);
    return process::Exit::done;
}

process::Exit set(const DirectoryConfig& config) {
    const std::string command = "tollgate directory set";
    enrichment::DirectorySettings settings{.url = config.url};
    std::optional<crypto::Keyring> keys;
    if (!config.token_file.empty()) {
        auto token = read_secret_file(config.token_file);
        if (!token) return process::report(command, token.error());
        settings.token = std::move(*token);
        auto loaded = config.seal.load();
        if (!loaded) return process::report(command, loaded.error());
        keys = std::move(*loaded);
    }
    return perform(
        "directory set", config,
        [&](Transaction& tx, const Actor& actor) {
            return enrichment::set_directory(tx, actor, config.tenant, config.provider, settings,
                                             keys ? &*keys : nullptr, config.reason);
        },
        [&](const DirectoryState& directory) { return print({directory}, config.json); });
}

process::Exit off(const DirectoryConfig& config) {
    return perform(
        "directory off", config,
        [&](Transaction& tx, const Actor& actor) {
            return enrichment::turn_directory_off(tx, actor, config.tenant, config.provider, config.reason);
        },
        [&](const DirectoryState& directory) { return print({directory}, config.json); });
}

process::Exit list_directories(const DirectoryConfig& config) {
    const auto tenant = config.scope();
    if (!tenant) return process::report("tollgate directory list", tenant.error());
    return perform(
        "directory list", config,
        [&](Transaction& tx, const Actor& actor) { return enrichment::list_directories(tx, actor, *tenant); },
        [&](const std::vector<DirectoryState>& all) {
            if (all.empty())
                return process::report("tollgate directory list",
                                       {ErrorCode::not_found, "there is no directory"});
            return print(all, config.json);
        });
}

// Lines "CUSTOMER,REFERENCE"; blank ones are skipped.
Result<std::vector<Mapping>> read_mappings(const std::string& name) {
    const auto text = read_text("@" + name);
    if (!text) return std::unexpected{text.error()};
    std::vector<Mapping> all;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text->size();) {
        const std::size_t end = std::min(text->find('\n', begin), text->size());
        std::string_view line = std::string_view{*text}.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        begin = end + 1;
        ++number;
        if (line.empty()) continue;
        const std::size_t comma = line.find(',');
        if (comma == std::string_view::npos)
            return fail(ErrorCode::invalid, "line {} of {}: it is not CUSTOMER,REFERENCE", number, name);
        all.push_back({.customer = std::string{line.substr(0, comma)},
                       .reference = std::string{line.substr(comma + 1)}});
    }
    return all;
}

Result<std::vector<Mapping>> ReferenceConfig::mappings() const {
    const bool by_words = !customer.empty() && !reference.empty();
    if (by_words == !file.empty())
        return fail(ErrorCode::invalid,
                    "either CUSTOMER and REFERENCE, or --file with lines CUSTOMER,REFERENCE");
    if (by_words) return std::vector{Mapping{.customer = customer, .reference = reference}};
    return read_mappings(file);
}

process::Exit map(const ReferenceConfig& config) {
    const auto mappings = config.mappings();
    if (!mappings) return process::report("tollgate reference map", mappings.error());
    return perform(
        "reference map", config,
        [&](Transaction& tx, const Actor& actor) {
            return enrichment::map_references(
                tx, actor,
                {.tenant = config.tenant, .provider = config.provider, .within = if_given(config.within)},
                *mappings, config.reason);
        },
        [&](const enrichment::Mapped& done) {
            if (config.json) {
                print_json(boost::json::object{{"mapped", done.mapped}, {"released", done.released}});
            } else {
                fmt::print("{} mapped, {} tried again\n", done.mapped, messages(done.released));
            }
            return process::Exit::done;
        });
}

process::Exit list_references(const ReferenceConfig& config) {
    const std::string command = "tollgate reference list";
    const auto tenant = config.scope();
    if (!tenant) return process::report(command, tenant.error());
    const auto most = read_number<std::int64_t>("--limit", config.limit, 100, 1, 100'000);
    if (!most) return process::report(command, most.error());
    const enrichment::ReferenceFilter filter{.tenant = *tenant,
                                             .provider = if_given(config.provider),
                                             .unmapped = config.unmapped,
                                             .limit = *most};
    return perform(
        "reference list", config,
        [&](Transaction& tx, const Actor& actor) { return enrichment::list_references(tx, actor, filter); },
        [&](const std::vector<Reference>& all) {
            if (all.empty())
                return process::report(command, {ErrorCode::not_found, "there is none of that kind"});
            std::vector<std::vector<std::string>> rows{
                {"TENANT", "PROVIDER", "WITHIN", "CUSTOMER", "REFERENCE", "TOLD BY", "SINCE"}};
            for (const Reference& each : all) {
                if (config.json) {
                    print_json(boost::json::object{{"tenant", each.tenant_slug},
                                                   {"provider", each.provider},
                                                   {"within", each.realm},
                                                   {"customer", each.customer},
                                                   {"reference", text_or_null(each.reference)},
                                                   {"told_by", text_or_null(each.told_by)},
                                                   {"changed_at", to_rfc3339(each.changed_at)}});
                }
                rows.push_back({each.tenant_slug, each.provider, each.realm.empty() ? "-" : each.realm,
                                each.customer, each.reference.value_or("-"), each.told_by.value_or("-"),
                                to_rfc3339(each.changed_at)});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

process::Command reference_map_command() {
    return operator_command<ReferenceConfig>(
        "reference map", "Say who payers are in the tenant's own system.",
        "What is held for it is tried again.\n\n"
        "  tollgate reference map STU-1 S-2041 --tenant acme --provider school\n"
        "  tollgate reference map --tenant acme --provider school --file students.csv",
        [](process::Settings& settings, ReferenceConfig& config) {
            settings.add_positional("customer", config.customer, "the payer's id at the provider", false);
            settings.add_positional("reference", config.reference, "who that is", false);
            config.declare_tenant(settings);
            settings.require_last();
            settings.add_option("provider", config.provider, "as school");
            settings.require_last();
            settings.add_option("file", config.file, "with lines CUSTOMER,REFERENCE; - is stdin");
            settings.add_option("within", config.within,
                                "whose numbers the ids are, if several have them: as source/hill");
            config.declare_reason(settings);
        },
        map);
}

}  // namespace

std::vector<process::Command> directory_commands() {
    return {
        operator_command<DirectoryConfig>(
            "directory set",
            "Hold a provider's events until it is known who the payer is in the tenant's system.",
            "Operators say who is who (`tollgate reference map`), and with --url so does a directory: it is "
            "asked\n"
            "with GET, {id} in the URL being the payer's id at the provider; it answers 200 and\n"
            "{\"school_student_id\": \"...\"} (or \"reference\"), or 404 for whom it does not know.\n\n"
            "  tollgate directory set --tenant acme --provider school\n"
            "  tollgate directory set --tenant acme --provider school --token-file token.txt \\\n"
            "      --url 'https://directory.example/students/{id}'",
            [](process::Settings& settings, DirectoryConfig& config) {
                config.declare_tenant(settings);
                settings.require_last();
                settings.add_option("provider", config.provider, "as school");
                settings.require_last();
                settings.add_option("url", config.url, "where it is asked, with {id} in it");
                settings.add_option("token-file", config.token_file,
                                    "a file with what is sent as a bearer token; - is stdin");
                config.seal.declare(settings);
                config.declare_reason(settings);
            },
            set),
        operator_command<DirectoryConfig>(
            "directory off", "Let a provider's events go on without it, also those that are held for it.",
            "  tollgate directory off --tenant acme --provider school --reason 'one system less'",
            [](process::Settings& settings, DirectoryConfig& config) {
                config.declare_tenant(settings);
                settings.require_last();
                settings.add_option("provider", config.provider, "as school");
                settings.require_last();
                config.declare_reason(settings);
            },
            off),
        operator_command<DirectoryConfig>(
            "directory list", "Show the directories, and how many payers are not known.",
            "  tollgate directory list --all-tenants",
            [](process::Settings& settings, DirectoryConfig& config) { config.declare_scope(settings); },
            list_directories),
        reference_map_command(),
        operator_command<ReferenceConfig>(
            "reference list", "Show who payers are, or those that are not known.",
            "  tollgate reference list --tenant acme --unmapped",
            [](process::Settings& settings, ReferenceConfig& config) {
                config.declare_scope(settings);
                settings.add_option("provider", config.provider, "as school");
                settings.add_flag("unmapped", config.unmapped, "those alone that are not known");
                settings.add_option("limit", config.limit, "how many at most: 100");
            },
            list_references),
    };
}

}  // namespace tollgate
