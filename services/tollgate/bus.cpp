// `tollgate bus`: what carries the journal's entries to consumers.
#include "consumer/bus.hpp"

#include <boost/json/object.hpp>

#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using consumer::Bus;
using consumer::BusState;
using consumer::BusSwitch;
using postgres::Transaction;
using tenants::Actor;

struct BusConfig : OperatorConfig {
    std::string what = "show";
};

std::string list_of(const std::vector<std::string>& names) {
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

process::Exit print_state(const BusState& state, const BusConfig& config) {
    if (config.json) {
        print_json(boost::json::object{{"bus", name(state.bus)},
                                       {"since", to_rfc3339(state.since)},
                                       {"retired_readers", json_array(state.retired_readers)},
                                       {"refilling", json_array(state.refilling)}});
        return process::Exit::done;
    }
    fmt::print("bus     {}\nsince   {}\n", name(state.bus), to_rfc3339(state.since));
    if (state.bus == Bus::kafka) fmt::print("readers {} (retired)\n", list_of(state.retired_readers));
    if (!state.refilling.empty()) fmt::print("refill  under way for {}\n", list_of(state.refilling));
    return process::Exit::done;
}

process::Exit show(const BusConfig& config) {
    return perform(
        "bus show", config,
        [](Transaction& tx, const Actor& actor) -> Result<BusState> {
            if (const auto admitted = tenants::admit_to_platform(tx, actor, tenants::Role::viewer); !admitted)
                return std::unexpected{admitted.error()};
            return consumer::read_bus(tx);
        },
        [&](const BusState& state) { return print_state(state, config); });
}

void print_for_people(const BusSwitch& done) {
    if (!done.changed()) {
        fmt::print("the bus is {} already; nothing was changed\n", name(done.to));
    } else if (done.to == Bus::kafka) {
        fmt::print(
            "the bus is kafka\n"
            "the relay has about {} entries of the journal before it\n"
            "readers of the journal that were retired: {}\n"
            "start the relay and the consumers now\n",
            done.unread, list_of(done.readers));
    } else {
        fmt::print(
            "the bus is journal\n"
            "readers of the journal that begin at its newest entry: {}\n"
            "about {} entries were not on Kafka yet; they, and what consumers had not read there, come again "
            "as "
            "each consumer\nstarts: what is stored and not in its inbox is refilled\n",
            list_of(done.readers), done.unread);
    }
}

process::Exit print_switch(const BusSwitch& done, const BusConfig& config) {
    if (!config.json) {
        print_for_people(done);
        return process::Exit::done;
    }
    print_json(boost::json::object{{"bus", name(done.to)},
                                   {"changed", done.changed()},
                                   {"readers", json_array(done.readers)},
                                   {"unread", done.unread}});
    return process::Exit::done;
}

process::Exit bus(const BusConfig& config) {
    if (config.what == "show") return show(config);
    const auto to = consumer::parse_bus(config.what);
    if (!to) return process::report("tollgate bus", to.error());
    return perform(
        "bus " + config.what, config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::switch_bus(tx, actor, *to, consumer::InTheWay::who_uses_the_bus, config.reason);
        },
        [&](const BusSwitch& done) { return print_switch(done, config); });
}

}  // namespace

std::vector<process::Command> bus_commands() {
    return {operator_command<BusConfig>(
        "bus", "Show or change what carries events to consumers: the journal, or Kafka.",
        "Stop the relay and the consumers first: while one of them holds its lease, or a consumer has a\n"
        "connection to the database, nothing is changed. Ingress goes on. To Kafka, the relay begins where\n"
        "the reader furthest behind stood, so consumers may be given again what they have had, and drop it.\n"
        "Back to the journal, its readers begin at the newest entry: what was still on its way by Kafka is\n"
        "stored, and each consumer refills it when it runs.\n\n"
        "  tollgate bus\n"
        "  tollgate bus kafka --reason 'a second machine'",
        [](process::Settings& settings, BusConfig& config) {
            settings.add_positional("what", config.what, "show, journal or kafka", false);
            settings.suggest({"show", "journal", "kafka"});
            config.declare_reason(settings);
        },
        bus)};
}

}  // namespace tollgate
