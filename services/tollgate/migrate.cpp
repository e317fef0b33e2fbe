// `tollgate migrate`: the only command that works as the owner of the tables.
#include "postgres/migrate.hpp"

#include <algorithm>
#include <memory>
#include <ranges>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "consumer/bus.hpp"
#include "consumer/registration.hpp"
#include "journal/restore.hpp"
#include "process/database_check.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate {

namespace {

struct MigrateConfig {
    process::DatabaseConfig database{.statement_timeout = std::chrono::minutes{10}};
    std::string grant_to;
    std::string bus;
    bool restored = false;
    bool json = false;
};

// A login, and whose roles it takes: all if no service is named.
struct Grant {
    std::string login;
    std::vector<std::string> services;
};

std::vector<std::string> parts_of(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (const auto part : std::views::split(text, separator)) parts.emplace_back(std::string_view{part});
    return parts;
}

// "tollgate" or "tollgate,tollgate_at_relay=relay,tollgate_at_home=billing+delivery".
Result<std::vector<Grant>> parse_grants(std::string_view text) {
    std::vector<Grant> grants;
    if (text.empty()) return grants;
    for (const std::string& part : parts_of(text, ',')) {
        const std::size_t equals = part.find('=');
        Grant grant{.login = part.substr(0, equals), .services = {}};
        if (equals != std::string::npos) grant.services = parts_of(part.substr(equals + 1), '+');
        if (grant.login.empty() || std::ranges::find(grants, grant.login, &Grant::login) != grants.end()) {
            return fail(ErrorCode::invalid,
                        "--grant-to: \"{}\": each login is named once, as LOGIN or LOGIN=SERVICE+SERVICE",
                        part);
        }
        grants.push_back(std::move(grant));
    }
    return grants;
}

// "tollgate_at_home=billing+de": each service that may come next, behind what stands before it.
std::vector<std::string> grants_that_begin(std::string_view typed) {
    const auto before = typed.find_last_of("=+");
    const bool names_service = typed.find('=', typed.rfind(',') + 1) != std::string_view::npos;
    if (!names_service) return {};
    std::vector<std::string> grants;
    for (const std::string& service : postgres::services_with_role())
        grants.push_back(fmt::format("{}{}", typed.substr(0, before + 1), service));
    return grants;
}

Result<void> grant_all(postgres::Connection& connection, const std::vector<Grant>& grants, bool json) {
    for (const Grant& grant : grants) {
        const auto granted = postgres::grant_roles(connection, grant.login, grant.services);
        if (!granted) return granted;
        if (json) continue;
        if (grant.services.empty()) {
            fmt::print("{} may take the services' roles\n", grant.login);
        } else {
            fmt::print("{} may take the roles of {} alone\n", grant.login,
                       fmt::join(grant.services, " and "));
        }
    }
    return {};
}

// By who owns the database, for an installation that nobody is an operator of yet. Later it is for operators:
// what they have chosen is not turned back by the next deployment.
Result<consumer::BusSwitch> begin_with_bus(postgres::Connection& connection, const std::string& to) {
    const auto bus = consumer::parse_bus(to);
    if (!bus) return std::unexpected{bus.error()};
    const tenants::Actor actor{.name = "tollgate migrate", .role = tenants::Role::operator_, .tenants = {}};
    return transact(connection, [&](postgres::Transaction& tx) {
        return consumer::begin_with_bus(tx, actor, *bus, "tollgate migrate --bus");
    });
}

std::string told_of_bus(const consumer::BusSwitch& done, const std::string& wanted) {
    std::string is = fmt::format("the bus is {}", name(done.to));
    if (done.changed()) return is;
    if (name(done.to) == wanted) return is + ", as it was before";
    return fmt::format("{}, as was chosen before: `tollgate bus {}` changes it", is, wanted);
}

process::Exit migrate(const MigrateConfig& config) {
    const auto grants = parse_grants(config.grant_to);
    if (!grants) return process::report("tollgate migrate", grants.error());
    auto connection = postgres::Connection::open(config.database.connection("tollgate migrate", ""));
    if (!connection) return process::report("tollgate migrate", connection.error());

    boost::json::array steps;
    const auto count = postgres::migrate(*connection, all_schemas(), [&](const std::string& step) {
        if (!config.json) fmt::print("{}\n", step);
        steps.emplace_back(step);
    });
    if (!count) return process::report("tollgate migrate", count.error());
    if (!config.json) fmt::print("{} applied; the database is up to date\n", *count);

    const auto restored = journal::start_anew_if_restored(*connection);
    if (!restored) return process::report("tollgate migrate", restored.error());
    if (*restored && !config.json) {
        fmt::print(
            "the database came from another server: each reader of the journal goes on where it stood\n");
    }
    if (*restored || config.restored) {
        const auto refilled = consumer::ask_for_refills(*connection, "the database was restored");
        if (!refilled) return process::report("tollgate migrate", refilled.error());
        if (!config.json)
            fmt::print("what is stored comes again to {} consumers, where they have not had it\n", *refilled);
    }

    if (const auto granted = grant_all(*connection, *grants, config.json); !granted)
        return process::report("tollgate migrate", granted.error());
    std::string_view bus;
    if (!config.bus.empty()) {
        const auto begun = begin_with_bus(*connection, config.bus);
        if (!begun) return process::report("tollgate migrate --bus", begun.error());
        bus = name(begun->to);
        if (!config.json) fmt::print("{}\n", told_of_bus(*begun, config.bus));
    }
    if (config.json) {
        boost::json::object report{
            {"applied", *count}, {"steps", std::move(steps)}, {"journal_started_anew", *restored}};
        if (!config.grant_to.empty()) report["granted_to"] = config.grant_to;
        if (!bus.empty()) report["bus"] = bus;
        fmt::print("{}\n", boost::json::serialize(report));
    }
    return process::Exit::done;
}

}  // namespace

process::Command migrate_command() {
    return {
        .words = "migrate",
        .summary = "Bring the database to what this release needs.",
        .details =
            "Runs the migrations that are missing, in order, one migrator at a time; what has run\n"
            "already is left alone. Works as the login that owns the database; services then log in\n"
            "as another, which --grant-to gives the roles that it needs: LOGIN all of them, LOGIN=billing\n"
            "that of one service and no other, LOGIN=billing+delivery those of two. Several logins are\n"
            "separated by commas. `operator` is the role of who gives orders.\n\n"
            "  TOLLGATE_DATABASE_URL_FILE=owner.url tollgate migrate --grant-to tollgate\n"
            "  TOLLGATE_DATABASE_URL_FILE=owner.url tollgate migrate --grant-to tollgate --bus kafka",
        .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
            auto config = std::make_shared<MigrateConfig>();
            config->database.declare(settings);
            settings.add_option("grant-to", config->grant_to,
                                "the login of the services, or LOGIN=SERVICE,... where each has its own");
            settings.suggest(grants_that_begin);
            settings.add_option("bus", config->bus,
                                "journal or kafka: what carries events, if it was never said before");
            settings.suggest({"journal", "kafka"});
            settings.add_flag("restored", config->restored,
                              "it was restored from a backup: give consumers again what they lack");
            settings.add_flag("json", config->json, "print one JSON object");
            return [config] { return migrate(*config); };
        }};
}

}  // namespace tollgate
