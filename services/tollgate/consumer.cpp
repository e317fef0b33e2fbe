// `tollgate consumer`: who consumes the events, and what each has not done.
#include <boost/json/object.hpp>

#include "consumer/registration.hpp"
#include "core/clock.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using consumer::ConsumerState;
using postgres::Transaction;
using tenants::Actor;

struct ConsumerConfig : OperatorConfig {
    std::string name;
};

boost::json::object to_json(const ConsumerState& state) {
    return {{"name", state.name},
            {"input", state.input},
            {"registered_at", to_rfc3339(state.registered_at)},
            {"refilling", state.refilling},
            {"waiting", state.waiting.number},
            {"waiting_more", state.waiting.has_more},
            {"retrying", state.retrying},
            {"held", state.held},
            {"dead", state.dead}};
}

process::Exit print_consumers(const std::vector<ConsumerState>& all, const ConsumerConfig& config) {
    if (all.empty())
        return process::report("tollgate consumer list",
                               {ErrorCode::not_found, "nobody consumes the events"});
    if (config.json) {
        for (const ConsumerState& state : all) print_json(to_json(state));
        return process::Exit::done;
    }
    constexpr auto line = "{:<16} {:<10} {:>10} {:>10} {:>10} {:>10}  {}\n";
    fmt::print(line, "CONSUMER", "INPUT", "WAITING", "RETRYING", "HELD", "DEAD", "");
    for (const ConsumerState& state : all) {
        fmt::print(line, state.name, state.input, state.waiting.text(), state.retrying, state.held,
                   state.dead, state.refilling ? "refilling" : "");
    }
    return process::Exit::done;
}

process::Exit list(const ConsumerConfig& config) {
    return perform("consumer list", config, consumer::list_consumers,
                   [&](const std::vector<ConsumerState>& all) { return print_consumers(all, config); });
}

process::Exit retire(const ConsumerConfig& config) {
    return perform(
        "consumer retire", config,
        [&](Transaction& tx, const Actor& actor) -> Result<bool> {
            const auto retired = consumer::retire_consumer(tx, actor, config.name, config.reason);
            if (!retired) return std::unexpected{retired.error()};
            return true;
        },
        [&](bool retired) {
            if (config.json) {
                print_json({{"name", config.name}, {"retired", retired}});
            } else {
                fmt::print("retired {}: neither days of events nor the journal are kept for it any more\n",
                           config.name);
            }
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> consumer_commands() {
    return {
        operator_command<ConsumerConfig>(
            "consumer list", "Show who consumes the events, and what each has not done.",
            "A consumer is registered when it first starts; from then on no day of events is dropped that\n"
            "it has not got. Counts are of the tenants that you may see. WAITING is what is stored and not\n"
            "taken up, counted from the newest back until nothing waits: 1000+ are more than a thousand, "
            "and\n"
            "of ? none is among the newest that were looked at.\n\n"
            "  tollgate consumer list",
            [](process::Settings&, ConsumerConfig&) {}, list),
        operator_command<ConsumerConfig>(
            "consumer retire", "Take a consumer off, so that nothing is kept for it.",
            "For one that does not come back: stop it first. What it has done, and not done, stays on\n"
            "record.\n\n"
            "  tollgate consumer retire example --reason 'it was a trial'",
            [](process::Settings& settings, ConsumerConfig& config) {
                settings.add_positional("name", config.name, "as `tollgate consumer list` shows it", true);
                config.declare_reason(settings);
            },
            retire),
    };
}

}  // namespace tollgate
