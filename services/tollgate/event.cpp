// `tollgate event`: what was received, and what became of it.
#include <boost/json/array.hpp>

#include "consumer/event_story.hpp"
#include "crypto/base64.hpp"
#include "ingress/held.hpp"
#include "telemetry/text.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/event_deliveries.hpp"
#include "tollgate/event_name.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/sample_sending.hpp"
#include "tollgate/time_span.hpp"

namespace tollgate {

namespace {

using consumer::EventStory;
using consumer::StoredEvent;
using postgres::Transaction;
using tenants::Actor;

struct ListConfig : OperatorConfig {
    std::string source;
    std::string provider;
    std::string type;
    std::string since;
    std::string until;
    std::string limit;

    Result<consumer::EventFilter> filter() const;
};

struct EventConfig : OperatorConfig {
    std::string event;
};

Result<consumer::EventFilter> ListConfig::filter() const {
    const auto tenant_given = scope();
    if (!tenant_given) return std::unexpected{tenant_given.error()};
    const auto time = read_span(since, until);
    if (!time) return std::unexpected{time.error()};
    const auto most = read_number<std::int64_t>("--limit", limit, 100, 1, 10'000);
    if (!most) return std::unexpected{most.error()};
    return consumer::EventFilter{.tenant = *tenant_given,
                                 .source = if_given(source),
                                 .provider = if_given(provider),
                                 .type = if_given(type),
                                 .since = time->since,
                                 .until = time->until,
                                 .limit = *most};
}

boost::json::object to_json(const StoredEvent& event) {
    return {{"event_id", event.id.text()},
            {"received_at", to_rfc3339(time_of(event.id))},
            {"tenant", event.tenant.text()},
            {"tenant_slug", text_or_null(event.tenant_slug)},
            {"source", event.source},
            {"provider", event.provider},
            {"type", event.type},
            {"provider_event_id", text_or_null(event.provider_event_id)},
            {"subject", text_or_null(event.subject)},
            {"withheld", event.withheld}};
}

process::Exit list(const ListConfig& config) {
    const auto filter = config.filter();
    if (!filter) return process::report("tollgate event list", filter.error());
    return perform(
        "event list", config,
        [&](Transaction& tx, const Actor& actor) {
            consumer::EventFilter one_more = *filter;
            ++one_more.limit;
            return consumer::list_events(tx, actor, one_more);
        },
        [&](std::vector<StoredEvent>& events) {
            const bool more = cut_to(filter->limit, events);
            if (events.empty()) {
                return process::report("tollgate event list",
                                       {ErrorCode::not_found, "no event of that kind is stored"});
            }
            std::vector<std::vector<std::string>> rows{
                {"EVENT", "RECEIVED", "TENANT", "SOURCE", "PROVIDER", "TYPE", "ID AT PROVIDER"}};
            for (const StoredEvent& event : events) {
                if (config.json) print_json(to_json(event));
                rows.push_back({event.id.text(), to_rfc3339(time_of(event.id)),
                                event.tenant_slug.value_or("-"), event.source, event.provider, event.type,
                                event.provider_event_id.value_or("-")});
            }
            if (!config.json) print_table(rows);
            tell_of_more(more, filter->limit);
            return process::Exit::done;
        });
}

// Why an operator has settled it; none of one that was settled among others.
std::string reason_of_decision(Transaction& tx, const ingress::HeldEvent& held) {
    const auto rows = tx.execute(
        "select reason from tenants.audit where (tenant = $1 or tenant is null) and verb in ('held release', "
        "'held discard') and ("
        "arguments ->> 'event_id' = $2 or (at >= $3 - interval '1 second' and at <= $3 + interval '1 second' "
        "and "
        "(arguments ->> 'all')::boolean)) order by id desc limit 1",
        held.tenant, held.event_id.text(), *held.settled_at);
    const auto reason = rows.empty() ? std::nullopt : rows.only().get<std::optional<std::string>>(0);
    return reason ? ": " + *reason : "";
}

// What ingress has held reaches nobody: for every consumer it is what it is there.
void add_held(Transaction& tx, const ingress::HeldEvent& held, EventStory& story) {
    story.happenings.push_back(
        {.at = held.held_at,
         .what = "held",
         .consumer = {},
         .detail = fmt::format("{}; it conflicts with {}", held.reason, held.conflicts_with)});
    if (held.settled_at) {
        story.happenings.push_back(
            {.at = *held.settled_at,
             .what = held.state,
             .consumer = {},
             .detail = "by " + held.settled_by.value_or("an operator") + reason_of_decision(tx, held)});
    }
    for (auto& each : story.consumers) {
        if (each.state != "withheld") continue;
        each.state = held.state;
        each.reason = held.reason;
    }
    consumer::put_in_order(story.happenings);
}

// The story, with what ingress knows of an event that it has held.
Result<EventStory> whole_story(Transaction& tx, const Actor& actor, const Uuid& event) {
    auto story = consumer::tell_story(tx, actor, event);
    if (!story) return story;
    if (const auto told = add_deliveries(tx, actor, event, *story); !told)
        return std::unexpected{told.error()};
    const auto held = ingress::show_held(tx, actor, event);
    if (!held && held.error().code != ErrorCode::not_found) return std::unexpected{held.error()};
    if (held) add_held(tx, *held, *story);
    return story;
}

boost::json::object to_json(const EventStory& story) {
    const consumer::EventFacts& facts = story.facts;
    boost::json::object object = to_json(facts.event);
    object["provider_time"] = json_or_null(facts.provider_time);
    object["ordering_key"] = text_or_null(facts.ordering_key);
    object["content_type"] = text_or_null(facts.content_type);
    object["account"] = text_or_null(facts.account);
    object["mode"] = text_or_null(facts.mode);
    object["proof"] = text_or_null(facts.proof);
    object["secret"] = facts.secret ? boost::json::value(facts.secret->text()) : boost::json::value(nullptr);
    object["received_from"] = text_or_null(facts.received_from);
    object["bytes"] = facts.bytes;
    boost::json::array consumers;
    for (const auto& each : story.consumers) {
        consumers.push_back({{"consumer", each.consumer},
                             {"state", each.state},
                             {"attempts", each.attempts},
                             {"reason", text_or_null(each.reason)},
                             {"due_at", json_or_null(each.due_at)}});
    }
    object["consumers"] = std::move(consumers);
    boost::json::array journal;
    for (const auto& trace : story.journal)
        journal.push_back({{"topic", trace.topic}, {"read_by", trace.read_by}});
    object["journal"] = std::move(journal);
    boost::json::array happenings;
    for (const auto& each : story.happenings) {
        happenings.push_back({{"at", to_rfc3339(each.at)},
                              {"what", each.what},
                              {"consumer", each.consumer},
                              {"detail", each.detail}});
    }
    object["story"] = std::move(happenings);
    return object;
}

void print_story(const EventStory& story) {
    const consumer::EventFacts& facts = story.facts;
    const auto shown = [](const std::optional<std::string>& text) {
        return telemetry::printable(text.value_or("-"));
    };
    fmt::print("event           {}\ntenant          {}\nsource          {} ({})\ntype            {}\n",
               facts.event.id, facts.event.tenant_slug.value_or(facts.event.tenant.text()),
               facts.event.source, facts.event.provider, telemetry::printable(facts.event.type));
    fmt::print("id at provider  {}\nsubject         {}\naccount         {}\nmode            {}\n",
               shown(facts.event.provider_event_id), shown(facts.event.subject), shown(facts.account),
               shown(facts.mode));
    fmt::print("\nstory:\n");
    for (const auto& each : story.happenings) {
        fmt::print("  {}  {}{}{}{}\n", to_rfc3339(each.at), each.consumer.empty() ? "" : each.consumer + " ",
                   each.what, each.detail.empty() ? "" : ": ", telemetry::printable(each.detail));
    }
    fmt::print("\nin the journal:\n{}", story.journal.empty() ? "  nothing any more, or nothing yet\n" : "");
    for (const auto& trace : story.journal) {
        fmt::print("  {}: {}\n", trace.topic,
                   trace.read_by.empty() ? "nobody has read it yet" : "read by " + trace.read_by);
    }
    fmt::print("\nconsumers:\n{}", story.consumers.empty() ? "  none is registered\n" : "");
    for (const auto& each : story.consumers) {
        fmt::print("  {}: {}{}{}\n", each.consumer, each.state,
                   each.due_at ? ", tried again at " + to_rfc3339(*each.due_at) : "",
                   each.reason ? ": " + telemetry::printable(*each.reason) : "");
        if (each.state == "dead")
            fmt::print("    tollgate dead-letter show --consumer {} {}\n", each.consumer, facts.event.id);
    }
}

template <typename Verb, typename Print>
process::Exit with_event(const std::string& command, const EventConfig& config, const Verb& verb,
                         Print&& print) {
    const auto name = parse_event_name(config.event);
    if (!name) return process::report("tollgate " + command, name.error());
    return perform(
        command, config,
        [&](Transaction& tx, const Actor& actor) -> decltype(verb(tx, actor, Uuid{})) {
            const auto event = find_event(tx, actor, *name);
            if (!event) return std::unexpected{event.error()};
            return verb(tx, actor, *event);
        },
        std::forward<Print>(print));
}

process::Exit show(const EventConfig& config) {
    return with_event("event show", config, whole_story, [&](const EventStory& story) {
        if (config.json) {
            print_json(to_json(story));
        } else {
            print_story(story);
        }
        return process::Exit::done;
    });
}

using BytesOfEvent = std::pair<Uuid, std::string>;

Result<BytesOfEvent> bytes_of(Transaction& tx, const Actor& actor, const Uuid& event) {
    auto bytes = consumer::read_event_body(tx, actor, event);
    if (!bytes) return std::unexpected{bytes.error()};
    return BytesOfEvent{event, std::move(*bytes)};
}

process::Exit body(const EventConfig& config) {
    return with_event("event body", config, bytes_of, [&](const BytesOfEvent& found) {
        const auto& [event, bytes] = found;
        if (config.json) {
            print_json(boost::json::object{{"event_id", event.text()},
                                           {"body_base64", crypto::base64_encode(bytes)}});
            return process::Exit::done;
        }
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        return process::Exit::done;
    });
}

void declare_event(process::Settings& settings, EventConfig& config) {
    settings.add_positional(
        "event", config.event,
        "its id: the receipt has it, and `event list`; or the beginning of it that a message shows", true);
}

}  // namespace

std::vector<process::Command> event_commands() {
    return {
        operator_command<ListConfig>(
            "event list", "Show events that are stored, the newest first.",
            "  tollgate event list --tenant acme --source shop --since 2026-11-01T00:00:00Z\n"
            "  tollgate event list --all-tenants --type stripe.invoice.paid --json",
            [](process::Settings& settings, ListConfig& config) {
                config.declare_scope(settings);
                settings.add_option("source", config.source, "its slug");
                settings.add_option("provider", config.provider, "as stripe");
                settings.accept_only(names_of_providers());
                settings.add_option("type", config.type, "as invoice.paid, or stripe.invoice.paid");
                settings.add_option("since", config.since,
                                    "received since, as 2026-11-01T00:00:00Z, 2026-11-01 or 2h, ago");
                settings.add_option("until", config.until, "likewise; that moment is left out");
                settings.add_option("limit", config.limit, "how many at most: 100");
            },
            list),
        operator_command<EventConfig>(
            "event show", "Tell the whole story of an event.",
            "How it came and was verified, what each consumer made of it, every attempt and replay.\n\n"
            "  tollgate event show 0190b0f0-5a1e-7c3d-8a5b-000000000001",
            declare_event, show),
        operator_command<EventConfig>(
            "event body", "Write an event's bytes as they were received.",
            "Nothing else is written to stdout, and with --json they are in base64. That you looked is "
            "recorded.\n\n"
            "  tollgate event body 0190b0f0-5a1e-7c3d-8a5b-000000000001 >body.json",
            declare_event, body),
    };
}

}  // namespace tollgate
