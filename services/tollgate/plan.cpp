// `tollgate plan`: what the plans of tenants allow.
#include <boost/json/object.hpp>

#include "tenants/plans.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Plan;
using tenants::PlanLimit;

struct PlanConfig : OperatorConfig {
    std::string plan;
    std::string events_per_minute;
    std::string burst;
    bool unlimited = false;

    Result<std::optional<PlanLimit>> limit() const;
};

// As many at once as a minute allows, where nothing is said.
Result<std::optional<PlanLimit>> PlanConfig::limit() const {
    constexpr std::int32_t most = 10'000'000;
    if (unlimited == !events_per_minute.empty())
        return fail(ErrorCode::invalid, "either --events-per-minute N or --unlimited");
    if (unlimited) return std::nullopt;
    const auto rate = read_number<std::int32_t>("--events-per-minute", events_per_minute, 0, 1, most);
    if (!rate) return std::unexpected{rate.error()};
    const auto at_once = read_number<std::int32_t>("--burst", burst, *rate, 1, most);
    if (!at_once) return std::unexpected{at_once.error()};
    return PlanLimit{.events_per_minute = *rate, .burst = *at_once};
}

boost::json::object to_json(const Plan& plan) {
    boost::json::object object{{"plan", plan.name}, {"events_per_minute", nullptr}, {"burst", nullptr}};
    if (plan.limit) {
        object["events_per_minute"] = plan.limit->events_per_minute;
        object["burst"] = plan.limit->burst;
    }
    object["tenants"] = plan.tenants;
    return object;
}

process::Exit print(const std::vector<Plan>& plans, bool json) {
    std::vector<std::vector<std::string>> rows{{"PLAN", "EVENTS A MINUTE", "AT ONCE", "TENANTS"}};
    for (const Plan& plan : plans) {
        if (json) print_json(to_json(plan));
        rows.push_back({plan.name, plan.limit ? std::to_string(plan.limit->events_per_minute) : "no limit",
                        plan.limit ? std::to_string(plan.limit->burst) : "-", std::to_string(plan.tenants)});
    }
    if (!json) print_table(rows);
    return process::Exit::done;
}

process::Exit list(const PlanConfig& config) {
    return perform("plan list", config, tenants::list_plans, [&](const std::vector<Plan>& plans) {
        if (plans.empty())
            return process::report("tollgate plan list", {ErrorCode::not_found, "there is no plan"});
        return print(plans, config.json);
    });
}

process::Exit set(const PlanConfig& config) {
    const auto limit = config.limit();
    if (!limit) return process::report("tollgate plan set", limit.error());
    return perform(
        "plan set", config,
        [&](Transaction& tx, const Actor& actor) {
            return tenants::set_plan(tx, actor, config.plan, *limit, config.reason);
        },
        [&](const Plan& plan) { return print({plan}, config.json); });
}

}  // namespace

std::vector<process::Command> plan_commands() {
    return {
        operator_command<PlanConfig>(
            "plan list", "Show what plans allow, and how many tenants have them.",
            "A plan that was never set limits nothing.\n\n"
            "  tollgate plan list",
            [](process::Settings&, PlanConfig&) {}, list),
        operator_command<PlanConfig>(
            "plan set", "Say how many events a minute of each tenant of a plan are worked on.",
            "What is over it is accepted, held, and let through by itself when the rate has room. A plan "
            "that\n"
            "allows more than before, or a tenant that gets a better one, sets free what is held of it.\n\n"
            "  tollgate plan set starter --events-per-minute 600 --burst 3000\n"
            "  tollgate plan set pro --unlimited",
            [](process::Settings& settings, PlanConfig& config) {
                settings.add_positional("plan", config.plan, "its name, as `tenant set --plan` has it", true);
                settings.add_option("events-per-minute", config.events_per_minute, "for each tenant");
                settings.add_option("burst", config.burst, "so many at once: as many as in a minute");
                settings.add_flag("unlimited", config.unlimited, "no limit");
                config.declare_reason(settings);
            },
            set),
    };
}

}  // namespace tollgate
