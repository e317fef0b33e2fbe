// `tollgate audit log`: what operators did.
#include "tenants/audit.hpp"

#include <charconv>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"
#include "tollgate/time_span.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::AuditEntry;

struct AuditConfig : OperatorConfig {
    std::string actor;
    std::string verb;
    std::string since;
    std::string until;
    std::string limit = "100";
};

boost::json::value to_json(const AuditEntry& entry) {
    const auto or_null = [](const auto& text) {
        return text ? boost::json::value(*text) : boost::json::value(nullptr);
    };
    return boost::json::object{
        {"id", entry.id},
        {"at", to_rfc3339(entry.at)},
        {"tenant", entry.tenant ? boost::json::value(entry.tenant->text()) : boost::json::value(nullptr)},
        {"tenant_slug", or_null(entry.tenant_slug)},
        {"actor", entry.actor},
        {"verb", entry.verb},
        {"arguments", boost::json::parse(entry.arguments)},
        {"result", boost::json::parse(entry.result)},
        {"reason", or_null(entry.reason)}};
}

// His who did it; of what was refused, why.
std::string reason_of(const AuditEntry& entry) {
    const auto result = boost::json::parse(entry.result);
    const auto* const refused = result.is_object() ? result.get_object().if_contains("refused") : nullptr;
    if (refused == nullptr || !refused->is_string()) return entry.reason.value_or("-");
    return fmt::format("refused: {}", std::string_view{refused->get_string()});
}

// Its numbers and words: the events it names are in --json, and a refusal stands as the reason.
std::string result_of(const AuditEntry& entry) {
    auto result = boost::json::parse(entry.result);
    if (auto* const object = result.if_object()) {
        object->erase("event_ids");
        object->erase("refused");
        if (object->empty()) return "-";
    }
    return boost::json::serialize(result);
}

Result<tenants::AuditFilter> filter_of(const AuditConfig& config) {
    constexpr std::int64_t limit_max = 10'000;
    tenants::AuditFilter filter;
    const auto scope = config.scope();
    if (!scope) return std::unexpected{scope.error()};
    filter.tenant = *scope;
    if (!config.actor.empty()) filter.actor = config.actor;
    if (!config.verb.empty()) filter.verb = config.verb;
    const auto time = read_span(config.since, config.until);
    if (!time) return std::unexpected{time.error()};
    filter.since = time->since;
    filter.until = time->until;
    const std::string_view limit = config.limit;
    const auto [end, failure] = std::from_chars(limit.data(), limit.data() + limit.size(), filter.limit);
    if (failure != std::errc{} || end != limit.data() + limit.size() || filter.limit < 1 ||
        filter.limit > limit_max) {
        return fail(ErrorCode::invalid, "--limit: \"{}\" is not a whole number from 1 to {}", limit,
                    limit_max);
    }
    return filter;
}

process::Exit list(const AuditConfig& config) {
    const auto filter = filter_of(config);
    if (!filter) return process::report("tollgate audit log", filter.error());
    return perform(
        "audit log", config,
        [&](Transaction& tx, const Actor& actor) {
            tenants::AuditFilter one_more = *filter;
            ++one_more.limit;
            return list_audit(tx, actor, one_more);
        },
        [&](std::vector<AuditEntry>& all) {
            const bool more = cut_to(filter->limit, all);
            if (all.empty()) {
                return process::report("tollgate audit log",
                                       {ErrorCode::not_found, "nothing of that is on record"});
            }
            // The longest last, so that the others stand below each other.
            std::vector<std::vector<std::string>> rows{
                {"AT", "ACTOR", "TENANT", "VERB", "RESULT", "REASON", "ARGUMENTS"}};
            for (const AuditEntry& entry : all) {
                if (config.json) print_json(to_json(entry));
                rows.push_back({to_rfc3339(entry.at), entry.actor, entry.tenant_slug.value_or("-"),
                                entry.verb, result_of(entry), reason_of(entry), entry.arguments});
            }
            if (!config.json) print_table(rows);
            tell_of_more(more, filter->limit);
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> audit_commands() {
    return {operator_command<AuditConfig>(
        "audit log", "Show what operators did, the newest first.",
        "Nobody changes or deletes it. Looking is not recorded; what was refused is, for the platform.\n\n"
        "  tollgate audit log --tenant acme --verb 'source secret' --since 2026-11-01T00:00:00Z\n"
        "  tollgate audit log --all-tenants --actor bob --json",
        [](process::Settings& settings, AuditConfig& config) {
            config.declare_scope(settings);
            settings.add_option("actor", config.actor, "the operator's name");
            settings.add_option("verb", config.verb, "as `source create`, or `source` for all of its verbs");
            settings.add_option("since", config.since,
                                "as 2026-11-01T00:00:00Z, 2026-11-01 or 2h, which is ago");
            settings.add_option("until", config.until, "likewise; that moment is left out");
            settings.add_option("limit", config.limit, "how many at most");
        },
        list)};
}

}  // namespace tollgate
