// `tollgate held`: events that came under another's id with other content, until an operator decides.
#include "ingress/held.hpp"

#include <boost/json/object.hpp>

#include "tollgate/commands.hpp"
#include "tollgate/held_output.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"
#include "tollgate/progress.hpp"

namespace tollgate {

namespace {

using ingress::HeldEvent;
using postgres::Transaction;
using tenants::Actor;

struct HeldConfig : OperatorConfig {
    std::string event;
    std::string source;
    std::string limit;
    bool settled = false;
    bool bodies = false;
    bool all = false;

    Result<ingress::HeldFilter> filter() const;
};

Result<ingress::HeldFilter> HeldConfig::filter() const {
    const auto tenant = scope();
    if (!tenant) return std::unexpected{tenant.error()};
    ingress::HeldFilter filter{.tenant = *tenant, .source = if_given(source), .settled_too = settled};
    const auto most = read_number<std::int64_t>("--limit", limit, 100, 1, 100'000);
    if (!most) return std::unexpected{most.error()};
    filter.limit = *most;
    return filter;
}

process::Exit print_list(const ingress::HeldList& held, const HeldConfig& config) {
    if (held.events.empty())
        return process::report(
            "tollgate held list",
            {ErrorCode::not_found,
             "no event is held as a conflict; for those that wait for who their payer is see `tollgate "
             "reference list --unmapped`, for others that a consumer holds `tollgate dead-letter list "
             "--state "
             "held`"});
    std::vector<std::vector<std::string>> rows{
        {"EVENT", "TENANT", "SOURCE", "TYPE", "ID AT PROVIDER", "CONFLICTS WITH", "SINCE", "STATE"}};
    for (const HeldEvent& one : held.events) {
        if (config.json) print_json(to_json(one));
        rows.push_back({one.event_id.text(), one.tenant_slug, one.source, one.type,
                        one.provider_event_id.value_or("-"), one.conflicts_with.text(),
                        to_rfc3339(one.held_at), one.state});
    }
    if (!config.json) print_table(rows);
    if (held.more > 0)
        fmt::print(stderr, "and {} more: --limit {}\n", held.more, std::ssize(held.events) + held.more);
    return process::Exit::done;
}

process::Exit list(const HeldConfig& config) {
    const auto filter = config.filter();
    if (!filter) return process::report("tollgate held list", filter.error());
    return perform(
        "held list", config,
        [&](Transaction& tx, const Actor& actor) { return ingress::list_held(tx, actor, *filter); },
        [&](const ingress::HeldList& held) { return print_list(held, config); });
}

process::Exit print_one(const HeldEvent& held, const HeldConfig& config) {
    if (config.json) {
        print_json(to_json(held));
        return process::Exit::done;
    }
    print_held(held);
    if (held.state == "held" && !config.bodies) tell_how_to_decide(held);
    return process::Exit::done;
}

using Verb = Result<HeldEvent> (*)(Transaction&, const Actor&, const Uuid&, const HeldConfig&);

Result<Uuid> event_of(const HeldConfig& config) {
    if (config.event.empty())
        return fail(ErrorCode::invalid, "which event? Give its id, as `tollgate held list` shows it");
    return Uuid::parse(config.event);
}

process::Exit with_event(const std::string& command, const HeldConfig& config, Verb verb) {
    const auto event = event_of(config);
    if (!event) return process::report("tollgate " + command, event.error());
    return perform(
        command, config, [&](Transaction& tx, const Actor& actor) { return verb(tx, actor, *event, config); },
        [&](const HeldEvent& held) { return print_one(held, config); });
}

// As `held show`, with what was received.
process::Exit show_bodies(const HeldConfig& config) {
    const auto event = event_of(config);
    if (!event) return process::report("tollgate held show", event.error());
    struct Shown {
        HeldEvent event;
        ingress::HeldContents contents;
    };
    return perform(
        "held show", config,
        [&](Transaction& tx, const Actor& actor) -> Result<Shown> {
            auto held = ingress::show_held(tx, actor, *event);
            if (!held) return std::unexpected{held.error()};
            auto contents = ingress::read_held(tx, actor, *event);
            if (!contents) return std::unexpected{contents.error()};
            return Shown{std::move(*held), std::move(*contents)};
        },
        [&](const Shown& shown) {
            if (config.json) {
                boost::json::object object = to_json(shown.event);
                object["held"] = to_json(shown.contents.held);
                object["first"] = to_json(shown.contents.first);
                print_json(object);
                return process::Exit::done;
            }
            print_one(shown.event, config);
            print_content("what came first", shown.contents.first);
            print_content("what is held", shown.contents.held);
            return process::Exit::done;
        });
}

process::Exit show(const HeldConfig& config) {
    if (config.bodies) return show_bodies(config);
    return with_event("held show", config,
                      [](Transaction& tx, const Actor& actor, const Uuid& event, const HeldConfig&) {
                          return ingress::show_held(tx, actor, event);
                      });
}

using VerbOfAll = Result<std::int64_t> (*)(Transaction&, const Actor&, const ingress::HeldFilter&,
                                           std::string_view);

// In transactions of `--limit` events each, until none is left.
process::Exit with_all(const std::string& command, const HeldConfig& config, VerbOfAll verb,
                       std::string_view done) {
    const auto failed = [&](const Error& error) { return process::report("tollgate " + command, error); };
    if (!config.event.empty()) return failed({ErrorCode::invalid, "either an event or --all"});
    auto filter = config.filter();
    if (!filter) return failed(filter.error());
    auto session = OperatorSession::open(config);
    if (!session) return failed(session.error());
    // What is held from now on nobody has seen.
    const auto now = session->run([](Transaction& tx, const Actor&) -> Result<Timestamp> {
        return tx.execute("select now()").only().get<Timestamp>(0);
    });
    if (!now) return failed(now.error());
    filter->held_before = *now;
    std::int64_t settled = 0;
    Progress progress;
    for (;;) {
        const auto some = session->run(
            [&](Transaction& tx, const Actor& actor) { return verb(tx, actor, *filter, config.reason); });
        if (!some) {
            if (settled > 0) fmt::print(stderr, "{} events are {}, and then:\n", settled, done);
            return failed(some.error());
        }
        if (*some == 0) break;
        settled += *some;
        progress.tell("{} events {}", settled, done);
    }
    if (settled == 0) return failed({ErrorCode::not_found, "no event is held"});
    if (config.json) {
        print_json(boost::json::object{{"events", settled}});
    } else {
        fmt::print("{} event{} {}\n", settled, settled == 1 ? "" : "s", done);
    }
    return process::Exit::done;
}

process::Exit release(const HeldConfig& config) {
    if (config.all) return with_all("held release", config, ingress::release_all_held, "released");
    return with_event("held release", config,
                      [](Transaction& tx, const Actor& actor, const Uuid& event, const HeldConfig& given) {
                          return ingress::release_held(tx, actor, event, given.reason);
                      });
}

process::Exit discard(const HeldConfig& config) {
    if (config.all) return with_all("held discard", config, ingress::discard_all_held, "discarded");
    return with_event("held discard", config,
                      [](Transaction& tx, const Actor& actor, const Uuid& event, const HeldConfig& given) {
                          return ingress::discard_held(tx, actor, event, given.reason);
                      });
}

void declare_event(process::Settings& settings, HeldConfig& config) {
    settings.add_positional("event", config.event, "its id, as `tollgate held list` shows it", false);
}

void declare_limit(process::Settings& settings, HeldConfig& config, const std::string& what) {
    settings.add_option("limit", config.limit, what);
}

void declare_decision(process::Settings& settings, HeldConfig& config) {
    declare_event(settings, config);
    settings.add_flag("all", config.all, "all that are held, of --tenant or --all-tenants, instead of one");
    settings.add_option("source", config.source, "with --all: of this source alone");
    declare_limit(settings, config, "with --all: how many in one transaction");
    config.declare_scope(settings);
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
                declare_limit(settings, config, "how many at most");
            },
            list),
        operator_command<HeldConfig>(
            "held show", "Show one event that is or was held.",
            "With --bodies also what was received, and what it conflicts with; that you looked is "
            "recorded.\n\n"
            "  tollgate held show 0190b0f0-5a1e-7c3d-8a5b-000000000001 --bodies",
            [](process::Settings& settings, HeldConfig& config) {
                declare_event(settings, config);
                settings.add_flag("bodies", config.bodies, "the headers and bytes of both events");
            },
            show),
        operator_command<HeldConfig>(
            "held release", "Let a held event go on its way.",
            "From then on it is an event like any other, and all consumers see it.\n\n"
            "  tollgate held release 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason 'a correction, see ticket "
            "71'",
            declare_decision, release),
        operator_command<HeldConfig>(
            "held discard", "Close a held event: no consumer will see it.",
            "  tollgate held discard 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason "
            "'a captured body, sent again'\n"
            "  tollgate held discard --all --tenant acme --source shop --reason 'a test run'",
            declare_decision, discard),
    };
}

}  // namespace tollgate
