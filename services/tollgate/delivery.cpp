// `tollgate delivery`: what people were told, or will be, and what became of it.
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "delivery/preview.hpp"
#include "delivery/reports.hpp"
#include "delivery/slack.hpp"
#include "telemetry/text.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using delivery::DeliveryDetails;
using delivery::DeliveryRow;
using postgres::Transaction;
using tenants::Actor;

struct ListConfig : OperatorConfig {
    std::string state;
    std::string destination;
    std::string event;
    std::string limit;

    Result<delivery::DeliveryFilter> filter() const;
};

struct ShowConfig : OperatorConfig {
    std::string delivery;
};

struct PreviewConfig : OperatorConfig {
    std::string event;
    std::string destination;
    bool blocks = false;
    bool text = false;
};

Result<delivery::DeliveryFilter> ListConfig::filter() const {
    const auto tenant_given = scope();
    if (!tenant_given) return std::unexpected{tenant_given.error()};
    const auto most = read_number<std::int64_t>("--limit", limit, 100, 1, 10'000);
    if (!most) return std::unexpected{most.error()};
    delivery::DeliveryFilter wanted{.tenant = *tenant_given,
                                    .state = if_given(state),
                                    .destination = if_given(destination),
                                    .limit = *most};
    if (!event.empty()) {
        const auto id = Uuid::parse(event);
        if (!id) return std::unexpected{id.error().within("--event")};
        wanted.event = *id;
    }
    return wanted;
}

boost::json::object to_json(const DeliveryRow& row) {
    return {{"delivery", row.id.text()},
            {"tenant", row.tenant.text()},
            {"tenant_slug", row.tenant_slug},
            {"destination", row.destination},
            {"kind", row.kind},
            {"layout", row.layout},
            {"priority", row.priority},
            {"rule", row.why},
            {"state", row.state},
            {"due_at", json_or_null(row.due_at)},
            {"settled_at", json_or_null(row.settled_at)},
            {"settled_by", text_or_null(row.settled_by)},
            {"reason", text_or_null(row.reason)},
            {"attempts", row.attempts},
            {"events", row.events},
            {"headline", text_or_null(row.headline)},
            {"created_at", to_rfc3339(row.created_at)}};
}

boost::json::object to_json(const DeliveryDetails& details) {
    boost::json::object object = to_json(details.delivery);
    boost::json::array told;
    for (const auto& each : details.events) {
        told.push_back(
            {{"event_id", each.event.text()}, {"at", to_rfc3339(each.at)}, {"came_late", each.is_late}});
    }
    object["tells_of"] = std::move(told);
    boost::json::array attempts;
    for (const auto& each : details.attempts) {
        attempts.push_back({{"number", each.number},
                            {"started_at", to_rfc3339(each.started_at)},
                            {"ended_at", json_or_null(each.ended_at)},
                            {"outcome", text_or_null(each.outcome)},
                            {"reason", text_or_null(each.reason)},
                            {"code", text_or_null(each.code)}});
    }
    object["tries"] = std::move(attempts);
    return object;
}

void print_details(const DeliveryDetails& details) {
    const DeliveryRow& row = details.delivery;
    const auto line = [](std::string_view name, const std::string& value) {
        if (!value.empty()) fmt::print("{:<12}{}\n", name, telemetry::printable(value));
    };
    line("delivery", row.id.text());
    line("tenant", row.tenant_slug);
    line("to", row.destination);
    line("says", row.headline.value_or(row.layout));
    line("rule", row.why);
    line("state", row.state);
    line("because", row.reason.value_or(""));
    if (row.due_at) line("due at", to_rfc3339(*row.due_at));
    if (row.settled_at) line("settled at", to_rfc3339(*row.settled_at));
    line("settled by", row.settled_by.value_or(""));
    fmt::print("\ntells of:\n");
    for (const auto& each : details.events) {
        fmt::print("  {}  event {}{}\n", to_rfc3339(each.at), each.event,
                   each.is_late ? "  (it came afterwards, and said nothing new)" : "");
    }
    fmt::print("\nattempts:\n");
    if (details.attempts.empty()) fmt::print("  none yet\n");
    for (const auto& each : details.attempts) {
        fmt::print("  {}  {}. {}{}\n", to_rfc3339(each.started_at), each.number,
                   each.outcome.value_or("under way"),
                   each.reason && !each.reason->empty() ? ": " + telemetry::printable(*each.reason) : "");
    }
}

process::Exit list(const ListConfig& config) {
    const auto filter = config.filter();
    if (!filter) return process::report("tollgate delivery list", filter.error());
    return perform(
        "delivery list", config,
        [&](Transaction& tx, const Actor& actor) { return delivery::list_deliveries(tx, actor, *filter); },
        [&](const std::vector<DeliveryRow>& all) {
            if (all.empty()) {
                return process::report("tollgate delivery list",
                                       {ErrorCode::not_found, "there is no delivery of that kind"});
            }
            std::vector<std::vector<std::string>> rows{
                {"DELIVERY", "TENANT", "DESTINATION", "STATE", "DUE OR SETTLED", "ATTEMPTS", "SAYS"}};
            for (const DeliveryRow& row : all) {
                if (config.json) print_json(to_json(row));
                rows.push_back({row.id.text(), row.tenant_slug, row.destination, row.state,
                                text_or_dash(row.due_at ? row.due_at : row.settled_at),
                                std::to_string(row.attempts), row.headline.value_or(row.layout)});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

process::Exit show(const ShowConfig& config) {
    const auto id = Uuid::parse(config.delivery);
    if (!id) return process::report("tollgate delivery show", id.error());
    return perform(
        "delivery show", config,
        [&](Transaction& tx, const Actor& actor) { return delivery::show_delivery(tx, actor, *id); },
        [&](const DeliveryDetails& details) {
            if (config.json) {
                print_json(to_json(details));
            } else {
                print_details(details);
            }
            return process::Exit::done;
        });
}

process::Exit preview(const PreviewConfig& config) {
    const auto event = Uuid::parse(config.event);
    if (!event) return process::report("tollgate delivery preview", event.error());
    return perform(
        "delivery preview", config,
        [&](Transaction& tx, const Actor& actor) {
            return delivery::preview_event(tx, actor, *event, if_given(config.destination));
        },
        [&](const delivery::Message& message) {
            const std::string blocks = delivery::slack_json(message);
            if (config.json || config.blocks) {
                fmt::print("{}\n", blocks);
                return process::Exit::done;
            }
            fmt::print("{}\n", delivery::preview(message, {.colours = shows_colours()}));
            if (!config.text) fmt::print("{}\n", blocks);
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> delivery_commands() {
    return {
        operator_command<ListConfig>(
            "delivery list", "Show what people are told, the newest first.",
            "  tollgate delivery list --tenant acme --state dead\n"
            "  tollgate delivery list --all-tenants --event 0190b0f0-5a1e-7c3d-8a5b-000000000001 --json",
            [](process::Settings& settings, ListConfig& config) {
                config.declare_scope(settings);
                settings.add_option("state", config.state,
                                    "waiting, sending, delivered, dead, unknown or discarded");
                settings.accept_only({"waiting", "sending", "delivered", "dead", "unknown", "discarded"});
                settings.add_option("destination", config.destination, "its slug");
                settings.add_option("event", config.event, "that tell of this event");
                settings.add_option("limit", config.limit, "how many at most: 100");
            },
            list),
        operator_command<ShowConfig>(
            "delivery show", "Show a delivery, what it tells of and every attempt.",
            "  tollgate delivery show 0190b0f0-5a1e-7c3d-8a5b-000000000001",
            [](process::Settings& settings, ShowConfig& config) {
                settings.add_positional("delivery", config.delivery, "its id", true);
            },
            show),
        operator_command<PreviewConfig>(
            "delivery preview", "Print the message of an event, as it would look, and its Block Kit JSON.",
            "  tollgate delivery preview 0190b0f0-5a1e-7c3d-8a5b-000000000001 --destination payments",
            [](process::Settings& settings, PreviewConfig& config) {
                settings.add_positional("event", config.event, "its id: `tollgate event list` has it", true);
                settings.add_option("destination", config.destination, "in its tone: a slug of its tenant's");
                settings.add_flag("blocks", config.blocks, "the JSON alone");
                settings.add_flag("text", config.text, "the message alone");
            },
            preview),
    };
}

}  // namespace tollgate
