// `tollgate held`: events that came under another's id with other content, and wait for an operator to
// decide.
#include "ingress/held.hpp"

#include <boost/json/object.hpp>

#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using ingress::HeldEvent;
using postgres::Transaction;
using tenants::Actor;

struct HeldConfig : OperatorConfig {
    std::string event;
    std::string source;
    bool settled = false;
    std::int32_t limit = 100;
};

boost::json::value text_or_null(const std::optional<std::string>& text) {
    return text ? boost::json::value(*text) : boost::json::value(nullptr);
}

boost::json::object to_json(const HeldEvent& held) {
    return {{"event_id", held.event_id.text()},
            {"tenant", held.tenant_slug},
            {"source", held.source},
            {"provider", held.provider},
            {"type", held.type},
            {"provider_event_id", text_or_null(held.provider_event_id)},
            {"conflicts_with", held.conflicts_with.text()},
            {"reason", held.reason},
            {"held_at", to_rfc3339(held.held_at)},
            {"state", held.state},
            {"settled_at", json_or_null(held.settled_at)},
            {"settled_by", text_or_null(held.settled_by)}};
}

process::Exit list(const HeldConfig& config) {
    const auto scope = config.scope();
    if (!scope) return process::report("tollgate held list", scope.error());
    const ingress::HeldFilter filter{
        .tenant = *scope,
        .source = config.source.empty() ? std::nullopt : std::optional{config.source},
        .settled_too = config.settled,
        .limit = config.limit};
    return perform(
        "held list", config,
        [&](Transaction& tx, const Actor& actor) { return ingress::list_held(tx, actor, filter); },
        [&](const std::vector<HeldEvent>& all) {
            if (all.empty())
                return process::report("tollgate held list", {ErrorCode::not_found, "no event is held"});
            std::vector<std::vector<std::string>> rows{
                {"EVENT", "TENANT", "SOURCE", "TYPE", "ID AT PROVIDER", "CONFLICTS WITH", "SINCE", "STATE"}};
            for (const HeldEvent& held : all) {
                if (config.json) print_json(to_json(held));
                rows.push_back({held.event_id.text(), held.tenant_slug, held.source, held.type,
                                held.provider_event_id.value_or("-"), held.conflicts_with.text(),
                                to_rfc3339(held.held_at), held.state});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

process::Exit print_one(const HeldEvent& held, const HeldConfig& config) {
    if (config.json) {
        print_json(to_json(held));
        return process::Exit::done;
    }
    fmt::print(
        "event           {}\nstate           {}{}\nheld            {}, because {}\nconflicts with  {}\n",
        held.event_id, held.state,
        held.settled_at
            ? fmt::format(" by {} at {}", held.settled_by.value_or("somebody"), to_rfc3339(*held.settled_at))
            : std::string{},
        to_rfc3339(held.held_at), held.reason, held.conflicts_with);
    fmt::print("tenant          {}\nsource          {} ({})\ntype            {}\nid at provider  {}\n",
               held.tenant_slug, held.source, held.provider, held.type, held.provider_event_id.value_or("-"));
    return process::Exit::done;
}

using Verb = Result<HeldEvent> (*)(Transaction&, const Actor&, const Uuid&, const HeldConfig&);

process::Exit with_event(const std::string& command, const HeldConfig& config, Verb verb) {
    const auto event = Uuid::parse(config.event);
    if (!event) return process::report("tollgate " + command, event.error());
    return perform(
        command, config, [&](Transaction& tx, const Actor& actor) { return verb(tx, actor, *event, config); },
        [&](const HeldEvent& held) { return print_one(held, config); });
}

process::Exit show(const HeldConfig& config) {
    return with_event("held show", config,
                      [](Transaction& tx, const Actor& actor, const Uuid& event, const HeldConfig&) {
                          return ingress::show_held(tx, actor, event);
                      });
}

process::Exit release(const HeldConfig& config) {
    return with_event("held release", config,
                      [](Transaction& tx, const Actor& actor, const Uuid& event, const HeldConfig& given) {
                          return ingress::release_held(tx, actor, event, given.reason);
                      });
}

process::Exit discard(const HeldConfig& config) {
    return with_event("held discard", config,
                      [](Transaction& tx, const Actor& actor, const Uuid& event, const HeldConfig& given) {
                          return ingress::discard_held(tx, actor, event, given.reason);
                      });
}

void declare_event(process::Settings& settings, HeldConfig& config) {
    settings.add_positional("event", config.event, "its id, as `tollgate held list` shows it", true);
}

void declare_event_and_reason(process::Settings& settings, HeldConfig& config) {
    declare_event(settings, config);
    config.declare_reason(settings);
}

}  // namespace

std::vector<process::Command> held_commands() {
    return {
        operator_command<HeldConfig>(
            "held list", "Show the events that are held, the oldest first.",
            "An event is held when it came under another's id with other content. It is stored, and no\n"
            "consumer has seen it.\n\n"
            "  tollgate held list --tenant acme\n"
            "  tollgate held list --all-tenants --settled --json",
            [](process::Settings& settings, HeldConfig& config) {
                config.declare_scope(settings);
                settings.add_option("source", config.source, "its slug");
                settings.add_flag("settled", config.settled, "also those that were released or discarded");
            },
            list),
        operator_command<HeldConfig>("held show", "Show one event that is or was held.",
                                     "  tollgate held show 0190b0f0-5a1e-7c3d-8a5b-000000000001",
                                     declare_event, show),
        operator_command<HeldConfig>(
            "held release", "Let a held event go on its way.",
            "From then on it is an event like any other, and all consumers see it.\n\n"
            "  tollgate held release 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason 'a correction, see ticket "
            "71'",
            declare_event_and_reason, release),
        operator_command<HeldConfig>("held discard", "Close a held event: no consumer will see it.",
                                     "  tollgate held discard 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason "
                                     "'a captured body, sent again'",
                                     declare_event_and_reason, discard),
    };
}

}  // namespace tollgate
