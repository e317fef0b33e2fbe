// `tollgate doctor`: is this installation fit for what it promises?
#include <algorithm>
#include <memory>
#include <utility>

#include <boost/json/object.hpp>

#include "telemetry/text.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/examination.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

struct DoctorConfig : Examined {
    bool json = false;
};

Colour colour_of(Health health) {
    if (health == Health::good) return Colour::green;
    return health == Health::weak ? Colour::yellow : Colour::red;
}

void print_for_people(const Findings& findings) {
    constexpr std::size_t indent = 9;
    std::size_t width = 0;
    for (const Finding& each : findings.all()) width = std::max(width, each.about.size());
    for (const Finding& each : findings.all()) {
        // Padded before it is coloured: colours have no width.
        const std::string word = in_colour(fmt::format("{:<7}", name(each.health)), colour_of(each.health));
        fmt::print("{}  {:<{}}  {}\n", word, each.about, width, telemetry::printable(each.what));
        if (!each.advice.empty())
            fmt::print("{:{}}{:<{}}  -> {}\n", "", indent, "", width, telemetry::printable(each.advice));
    }
    const std::size_t bad = findings.count(Health::bad);
    const std::size_t weak = findings.count(Health::weak);
    fmt::print("\n{} looked at: {} wrong, {} to know about\n", findings.all().size(), bad, weak);
}

void print_for_programs(const Findings& findings) {
    for (const Finding& each : findings.all()) {
        print_json(boost::json::object{{"state", name(each.health)},
                                       {"about", each.about},
                                       {"what", each.what},
                                       {"advice", each.advice}});
    }
}

process::Exit doctor(const DoctorConfig& config) {
    Findings findings;
    if (examine_database(config, findings)) {
        examine_disk(config, findings);
        examine_keys(config, findings);
        examine_bus(config, findings);
        examine_work(config, findings);
    }
    config.json ? print_for_programs(findings) : print_for_people(findings);
    return findings.count(Health::bad) == 0 ? process::Exit::done : process::Exit::failed;
}

}  // namespace

std::string_view name(Health health) {
    switch (health) {
        case Health::good:
            return "ok";
        case Health::weak:
            return "warning";
        case Health::bad:
            return "wrong";
    }
    std::unreachable();
}

std::size_t Findings::count(Health health) const {
    return static_cast<std::size_t>(std::ranges::count(all_, health, &Finding::health));
}

process::Command doctor_command() {
    return {.words = "doctor",
            .summary = "Look at database, keys, bus, disk and destinations, and say what to do.",
            .details =
                "Give it the settings that the services have. It changes nothing, sends nothing, and needs\n"
                "no operator. It exits with 1 if something is wrong; what is merely weak is a warning.\n\n"
                "  tollgate doctor\n"
                "  tollgate doctor --json | jq -r 'select(.state != \"ok\") | .advice'",
            .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
                auto config = std::make_shared<DoctorConfig>();
                settings.add_option("data-directory", config->data_directory,
                                    "where Postgres keeps its data, if that is on this machine");
                settings.add_flag("json", config->json, "print JSON, one object a line");
                config->database.declare(settings);
                config->seal.declare(settings);
                config->kafka.declare(settings);
                config->journal.declare(settings);
                config->relay.declare_horizon(settings);
                return [config] { return doctor(*config); };
            }};
}

}  // namespace tollgate
