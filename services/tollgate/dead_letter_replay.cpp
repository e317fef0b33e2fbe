// `tollgate dead-letter replay`: has messages tried again that are dead or held.
#include "consumer/settle_letters.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/replay_output.hpp"

namespace tollgate {

namespace {

using consumer::LetterFilter;
using postgres::Transaction;
using tenants::Actor;

constexpr std::string_view command = "tollgate dead-letter replay";
// Whose dead letters are entries of the journal, which it reads again.
constexpr std::string_view relay = "relay";

struct ReplayConfig : LetterConfig {
    std::string rate;
    std::string canary;
    std::string stop_on_errors;
    std::string outstanding;

    Result<consumer::ReplaySettings> settings() const;
    bool paces() const {
        return !(rate.empty() && canary.empty() && stop_on_errors.empty() && outstanding.empty());
    }
};

Result<consumer::ReplaySettings> ReplayConfig::settings() const {
    constexpr std::int32_t most = 100'000;
    consumer::ReplaySettings made;
    const auto per_second = read_number<std::int32_t>("--rate", rate, 0, 1, most);
    if (!per_second) return std::unexpected{per_second.error()};
    const auto first = read_number<std::int64_t>("--canary", canary, 0, 1, most);
    if (!first) return std::unexpected{first.error()};
    const auto percent = read_number<std::int32_t>("--stop-on-errors", stop_on_errors, 0, 1, 100);
    if (!percent) return std::unexpected{percent.error()};
    const auto at_once =
        read_number<std::int32_t>("--outstanding", outstanding, made.outstanding_max, 1, 10'000);
    if (!at_once) return std::unexpected{at_once.error()};
    if (*per_second > 0) made.rate = *per_second;
    made.canary = *first;
    if (*percent > 0) made.stop_percent = *percent;
    made.outstanding_max = *at_once;
    return made;
}

process::Exit append_again(const ReplayConfig& config, const LetterFilter& filter) {
    return perform(
        "dead-letter replay", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::append_refused(tx, actor, filter, config.reason);
        },
        [&](const consumer::Settled& settled) {
            if (settled.settled == 0) return no_letters("dead-letter replay", config);
            if (config.json) {
                print_json(boost::json::object{{"appended", settled.settled}, {"left", settled.left}});
            } else {
                fmt::print("{} appended to the journal again\n", messages(settled.settled));
            }
            tell_beyond(settled.left);
            return process::Exit::done;
        });
}

process::Exit start(const ReplayConfig& config, const LetterFilter& filter,
                    const consumer::ReplaySettings& settings) {
    return perform(
        "dead-letter replay", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::start_replay(tx, actor, filter, settings, config.reason);
        },
        [&](const consumer::StartedReplay& started) {
            if (config.json) {
                boost::json::object object = to_json(started.job);
                object["left_before"] = started.left;
                object["beyond_limit"] = started.beyond;
                print_json(object);
            } else {
                print_replay(started.job);
                fmt::print("\nto see how it goes: tollgate replay watch {}\n", started.job.id);
            }
            tell_left_alone(started.left, filter.state);
            tell_beyond(started.beyond);
            return process::Exit::done;
        });
}

process::Exit replay(const ReplayConfig& config) {
    const auto filter = config.filter(consumer::replay_messages_max);
    if (!filter) return process::report(command, filter.error());
    if (!filter->consumer) {
        return process::report(command, {ErrorCode::invalid, "a replay is of one consumer: give --consumer"});
    }
    const auto settings = config.settings();
    if (!settings) return process::report(command, settings.error());
    const bool of_relay = *filter->consumer == relay;
    if (of_relay && config.paces()) {
        return process::report(command, {ErrorCode::invalid,
                                         "the relay's entries are appended at once: --rate, --canary, "
                                         "--stop-on-errors and --outstanding are of no use"});
    }
    if (!config.execute) {
        return show_preview("dead-letter replay", config, *filter,
                            of_relay ? consumer::Purpose::append : consumer::Purpose::replay, "replayed");
    }
    return of_relay ? append_again(config, *filter) : start(config, *filter, *settings);
}

}  // namespace

std::vector<process::Command> dead_letter_replay_commands() {
    return {operator_command<ReplayConfig>(
        "dead-letter replay", "Have messages tried again that are dead, or held.",
        "Without --execute it shows what would be replayed. With it a job is made, which the consumer "
        "itself\n"
        "carries out: `tollgate replay watch` shows how it goes. What is being replayed is left alone. Of\n"
        "--consumer relay the entries are appended to the journal again, at once.\n\n"
        "  tollgate dead-letter replay --all-tenants --consumer billing --fingerprint 0badc0de0badc0de\n"
        "  tollgate dead-letter replay --all-tenants --consumer billing --fingerprint 0badc0de0badc0de \\\n"
        "      --canary 5 --rate 50 --stop-on-errors 10 --execute --reason 'rates are there again'\n"
        "  tollgate dead-letter replay --tenant acme --consumer enrichment --state held --execute "
        "--reason 'mapped'",
        [](process::Settings& settings, ReplayConfig& config) {
            config.declare_filter(settings);
            config.declare_ids(settings);
            config.declare_execute(settings);
            settings.add_option("rate", config.rate, "messages per second at most");
            settings.add_option("canary", config.canary,
                                "so many first, and the others when all of these are done; else it stops");
            settings.add_option("stop-on-errors", config.stop_on_errors,
                                "percent: it stops when more of ten messages or more have failed again");
            settings.add_option("outstanding", config.outstanding, "tried at a time at most: 100");
        },
        replay)};
}

}  // namespace tollgate
