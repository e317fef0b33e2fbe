// `tollgate redo`: has a consumer do over what it is done with, from what is stored.
#include <boost/json/array.hpp>

#include "consumer/again.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;

constexpr std::string_view command = "tollgate redo";

struct RedoConfig : OperatorConfig {
    std::string consumer;
    std::string type;
    std::string since;
    std::string until;
    std::string limit;
    std::vector<std::string> ids;
    bool execute = false;

    Result<consumer::DoneFilter> filter() const;
};

Result<consumer::DoneFilter> RedoConfig::filter() const {
    const auto tenant_given = scope();
    if (!tenant_given) return std::unexpected{tenant_given.error()};
    const auto from = read_time("--since", since);
    if (!from) return std::unexpected{from.error()};
    const auto to = read_time("--until", until);
    if (!to) return std::unexpected{to.error()};
    if (!*from && !*to)
        return fail(ErrorCode::invalid, "which ones? Give --id, or a time with --since and --until");
    const auto most = read_number<std::int64_t>("--limit", limit, 1'000, 1, 10'000);
    if (!most) return std::unexpected{most.error()};
    consumer::DoneFilter made{
        .tenant = *tenant_given, .consumer = consumer, .since = *from, .until = *to, .limit = *most};
    if (!type.empty()) made.type = type;
    return made;
}

process::Exit print_started(const RedoConfig& config, const consumer::Again& again) {
    if (config.json) {
        print_json(boost::json::object{{"started", again.started}, {"left", again.left}});
    } else {
        fmt::print("{} will be done over by {} now: `tollgate event show` tells what comes of it\n",
                   messages(again.started), config.consumer);
    }
    if (again.left > 0)
        fmt::print(stderr, "{} left alone: not done, or being run again already\n", messages(again.left));
    return again.started == 0 ? process::Exit::nothing_matched : process::Exit::done;
}

process::Exit print_found(const RedoConfig& config, const std::vector<Uuid>& ids) {
    constexpr std::size_t shown_max = 10;
    const std::size_t shown = std::min(ids.size(), shown_max);
    if (config.json) {
        boost::json::array sample;
        for (std::size_t i = 0; i < shown; ++i) sample.push_back(boost::json::value(ids[i].text()));
        print_json(
            boost::json::object{{"dry_run", true}, {"count", ids.size()}, {"sample", std::move(sample)}});
        return process::Exit::done;
    }
    fmt::print("{} would be done over by {}; nothing was done\n", messages(std::ssize(ids)), config.consumer);
    for (std::size_t i = 0; i < shown; ++i) fmt::print("  {}\n", ids[i]);
    if (ids.size() > shown) fmt::print("  and {} more\n", ids.size() - shown);
    fmt::print("to do it: the same with --execute --reason 'why'\n");
    return process::Exit::done;
}

process::Exit by_filter(const RedoConfig& config) {
    const auto filter = config.filter();
    if (!filter) return process::report(command, filter.error());
    const Error nothing{ErrorCode::not_found, "the consumer is done with no message of that kind"};
    if (!config.execute) {
        return perform(
            "redo", config,
            [&](Transaction& tx, const Actor& actor) { return consumer::find_done(tx, actor, *filter); },
            [&](const std::vector<Uuid>& ids) {
                return ids.empty() ? process::report(command, nothing) : print_found(config, ids);
            });
    }
    return perform(
        "redo", config,
        [&](Transaction& tx, const Actor& actor) -> Result<consumer::Again> {
            const auto ids = consumer::find_done(tx, actor, *filter);
            if (!ids) return std::unexpected{ids.error()};
            if (ids->empty()) return std::unexpected{nothing};
            return consumer::redo(tx, actor, config.consumer, *ids, config.reason);
        },
        [&](const consumer::Again& again) { return print_started(config, again); });
}

process::Exit redo(const RedoConfig& config) {
    if (config.consumer.empty())
        return process::report(command, {ErrorCode::invalid, "by which consumer? Give --consumer"});
    if (config.ids.empty()) return by_filter(config);
    const auto ids = read_ids(config.ids);
    if (!ids) return process::report(command, ids.error());
    return perform(
        "redo", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::redo(tx, actor, config.consumer, *ids, config.reason);
        },
        [&](const consumer::Again& again) { return print_started(config, again); });
}

}  // namespace

std::vector<process::Command> redo_commands() {
    return {operator_command<RedoConfig>(
        "redo", "Have a consumer do over what it is done with, from what is stored.",
        "It corrects what it did, and books nothing twice. By time it shows what would be done over, and\n"
        "--execute does it, the oldest first. What follows from it keeps its id, so consumers behind do not\n"
        "see it again: have them do it over in turn.\n\n"
        "  tollgate redo --consumer billing --all-tenants --type stripe.invoice.paid "
        "--since 2026-11-01T00:00:00Z\n"
        "  tollgate redo --consumer billing --id 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason 'wrong plan'",
        [](process::Settings& settings, RedoConfig& config) {
            config.declare_scope(settings);
            settings.add_option("consumer", config.consumer, "which one: enrichment, billing ...");
            settings.add_list("id", config.ids, "the event's id; may be given several times");
            settings.add_option("type", config.type, "of the event, as stripe.invoice.paid");
            settings.add_option("since", config.since, "received since, as 2026-11-01T00:00:00Z");
            settings.add_option("until", config.until, "likewise; that moment is left out");
            settings.add_option("limit", config.limit, "how many at most: 1000");
            settings.add_flag("execute", config.execute, "by time: do it");
            config.declare_reason(settings);
        },
        redo)};
}

}  // namespace tollgate
