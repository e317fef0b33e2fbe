// `tollgate source heard`: who was heard when, and who is silent that normally speaks.
#include <boost/json/object.hpp>

#include "consumer/heard.hpp"
#include "core/clock.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using consumer::HeardSource;
using postgres::Transaction;
using tenants::Actor;

struct HeardConfig : OperatorConfig {
    bool silent = false;
};

boost::json::object to_json(const HeardSource& source) {
    return {{"tenant_slug", source.tenant_slug},
            {"slug", source.slug},
            {"provider", source.provider},
            {"heard_at", json_or_null(source.heard_at)},
            {"is_silent_from", json_or_null(source.is_silent_from)},
            {"is_silent", source.is_silent}};
}

process::Exit print(const std::vector<HeardSource>& all, const HeardConfig& config) {
    if (all.empty()) {
        return process::report(
            "tollgate source heard",
            {ErrorCode::not_found,
             config.silent ? "no source is silent that normally speaks" : "there is no open source"});
    }
    std::vector<std::vector<std::string>> rows{
        {"TENANT", "SOURCE", "PROVIDER", "HEARD", "COUNTS AS SILENT FROM", ""}};
    for (const HeardSource& source : all) {
        if (config.json) print_json(to_json(source));
        rows.push_back({source.tenant_slug, source.slug, source.provider, text_or_dash(source.heard_at),
                        text_or_dash(source.is_silent_from), source.is_silent ? "silent" : ""});
    }
    if (!config.json) print_table(rows);
    return process::Exit::done;
}

process::Exit heard(const HeardConfig& config) {
    const auto scope = config.scope();
    if (!scope) return process::report("tollgate source heard", scope.error());
    return perform(
        "source heard", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::list_heard(tx, actor, *scope, config.silent);
        },
        [&](const std::vector<HeardSource>& all) { return print(all, config); });
}

}  // namespace

std::vector<process::Command> source_heard_commands() {
    return {operator_command<HeardConfig>(
        "source heard", "Show when sources were last heard, and which are silent that normally speak.",
        "One that spoke in 24 hours or more, over three days at least, counts as silent after twice its\n"
        "longest pause of the last weeks, and not before three hours. Exit 3: there is none to show.\n\n"
        "  tollgate source heard --all-tenants --silent",
        [](process::Settings& settings, HeardConfig& config) {
            config.declare_scope(settings);
            settings.add_flag("silent", config.silent, "only those that are silent");
        },
        heard)};
}

}  // namespace tollgate
