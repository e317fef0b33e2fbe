// `tollgate replay`: the jobs that `dead-letter replay` makes.
#include <chrono>

#include "consumer/replay_jobs.hpp"
#include "core/pause.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/replay_output.hpp"

namespace tollgate {

namespace {

using consumer::ReplayJob;
using postgres::Transaction;
using tenants::Actor;

struct ReplayListConfig : OperatorConfig {
    std::string consumer;
    std::string limit;
    bool open = false;
};

struct OneReplayConfig : OperatorConfig {
    std::string id;
};

process::Exit list(const ReplayListConfig& config) {
    const auto failed = [](const Error& error) { return process::report("tollgate replay list", error); };
    const auto tenant = config.scope();
    if (!tenant) return failed(tenant.error());
    const auto limit = read_number<std::int64_t>("--limit", config.limit, 50, 1, 10'000);
    if (!limit) return failed(limit.error());
    consumer::ReplayFilter filter{.tenant = *tenant, .ended_too = !config.open, .limit = *limit + 1};
    if (!config.consumer.empty()) filter.consumer = config.consumer;
    return perform(
        "replay list", config,
        [&](Transaction& tx, const Actor& actor) { return consumer::list_replays(tx, actor, filter); },
        [&](std::vector<ReplayJob>& jobs) {
            const bool more = cut_to(*limit, jobs);
            if (jobs.empty())
                return failed({ErrorCode::not_found,
                               config.open ? "no replay runs or is paused" : "there are no replays"});
            std::vector<std::vector<std::string>> rows{{"REPLAY", "CONSUMER", "BY", "PROGRESS", "REASON"}};
            for (const ReplayJob& job : jobs) {
                if (config.json) print_json(to_json(job));
                rows.push_back({job.id.text(), job.consumer, job.actor, progress_of(job), job.reason});
            }
            if (!config.json) print_table(rows);
            tell_of_more(more, *limit);
            return process::Exit::done;
        });
}

using Verb = Result<ReplayJob> (*)(Transaction&, const Actor&, const Uuid&, std::string_view);

process::Exit with_replay(const std::string& command, const OneReplayConfig& config, Verb verb) {
    const auto id = Uuid::parse(config.id);
    if (!id) return process::report("tollgate " + command, id.error());
    return perform(
        command, config,
        [&](Transaction& tx, const Actor& actor) { return verb(tx, actor, *id, config.reason); },
        [&](const ReplayJob& job) {
            if (config.json) {
                print_json(to_json(job));
            } else {
                print_replay(job);
            }
            return process::Exit::done;
        });
}

process::Exit show(const OneReplayConfig& config) {
    return with_replay("replay show", config,
                       [](Transaction& tx, const Actor& actor, const Uuid& id, std::string_view) {
                           return consumer::show_replay(tx, actor, id);
                       });
}

process::Exit pause_it(const OneReplayConfig& config) {
    return with_replay("replay pause", config, consumer::pause_replay);
}

process::Exit resume(const OneReplayConfig& config) {
    return with_replay("replay resume", config, consumer::resume_replay);
}

process::Exit abort_it(const OneReplayConfig& config) {
    return with_replay("replay abort", config, consumer::abort_replay);
}

// A line for each change, until it is at its end.
process::Exit watch(const OneReplayConfig& config) {
    constexpr std::chrono::milliseconds look_every{200};
    constexpr std::chrono::seconds patience{15};
    const auto failed = [](const Error& error) { return process::report("tollgate replay watch", error); };
    const auto id = Uuid::parse(config.id);
    if (!id) return failed(id.error());
    auto session = OperatorSession::open(config);
    if (!session) return failed(session.error());
    std::string told;
    auto changed = std::chrono::steady_clock::now();
    bool doubted = false;
    for (;;) {
        const auto job = session->run(
            [&](Transaction& tx, const Actor& actor) { return consumer::show_replay(tx, actor, *id); });
        if (!job) return failed(job.error());
        if (const std::string line = progress_of(*job); line != told) {
            if (config.json) {
                print_json(to_json(*job));
            } else {
                fmt::print("{}  {}\n", to_rfc3339(job->changed_at), line);
            }
            std::fflush(stdout);
            told = line;
            changed = std::chrono::steady_clock::now();
            doubted = false;
        }
        if (job->ended()) {
            if (job->state != "done" || job->died + job->held > 0) return process::Exit::failed;
            return job->done == 0 ? process::Exit::nothing_matched : process::Exit::done;
        }
        if (!doubted && std::chrono::steady_clock::now() - changed > patience) {
            doubted = true;
            fmt::print(stderr, "nothing changes: does consumer \"{}\" run? Its metrics and logs tell\n",
                       job->consumer);
        }
        pause(look_every, {});
    }
}

void declare_one(process::Settings& settings, OneReplayConfig& config) {
    settings.add_positional("replay", config.id, "its id, as `tollgate replay list` shows it", true);
}

void declare_turn(process::Settings& settings, OneReplayConfig& config) {
    declare_one(settings, config);
    config.declare_reason(settings);
}

}  // namespace

std::vector<process::Command> replay_commands() {
    return {
        operator_command<ReplayListConfig>(
            "replay list", "Show replays and how far they are, the newest first.",
            "  tollgate replay list --all-tenants --open",
            [](process::Settings& settings, ReplayListConfig& config) {
                config.declare_scope(settings);
                settings.add_option("consumer", config.consumer, "of this one alone");
                settings.suggest({"enrichment", "billing", "delivery"});
                settings.add_flag("open", config.open, "those alone that run or are paused");
                settings.add_option("limit", config.limit, "how many at most");
            },
            list),
        operator_command<OneReplayConfig>("replay show", "Show one replay.",
                                          "  tollgate replay show 0190b0f0-5a1e-7c3d-8a5b-000000000001",
                                          declare_one, show),
        operator_command<OneReplayConfig>("replay watch",
                                          "Show how a replay goes on, until it is at its end.",
                                          "Exits with 0 when it is done, with 1 when something failed again "
                                          "or it was ended, and with 3 when\n"
                                          "nothing was left for it to do.\n\n"
                                          "  tollgate replay watch 0190b0f0-5a1e-7c3d-8a5b-000000000001",
                                          declare_one, watch),
        operator_command<OneReplayConfig>(
            "replay pause", "Start nothing more of a replay for now.",
            "What is being tried is finished.\n\n"
            "  tollgate replay pause 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason slow",
            declare_turn, pause_it),
        operator_command<OneReplayConfig>("replay resume", "Go on with a replay that was paused.",
                                          "  tollgate replay resume 0190b0f0-5a1e-7c3d-8a5b-000000000001 "
                                          "--reason 'fast again'",
                                          declare_turn, resume),
        operator_command<OneReplayConfig>(
            "replay abort", "End a replay: what was not started stays as it is.",
            "  tollgate replay abort 0190b0f0-5a1e-7c3d-8a5b-000000000001 --reason 'not fixed yet'",
            declare_turn, abort_it),
    };
}

}  // namespace tollgate
