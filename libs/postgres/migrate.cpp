#include "postgres/migrate.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <utility>

#include "postgres/transaction.hpp"
#include "telemetry/log.hpp"

namespace tollgate::postgres {

namespace {

// Session-wide and not per transaction: it spans all migrations of a run. Any number will do, if it stays.
constexpr std::int64_t migration_lock = 0x746F6C6C67617465;  // "tollgate"

// Whose roles a login of the services takes; 002_roles makes them.
constexpr auto service_roles = std::to_array<std::string_view>(
    {"tollgate_ingress", "tollgate_relay", "tollgate_enrichment", "tollgate_billing", "tollgate_delivery",
     "tollgate_console", "tollgate_operator"});

constexpr const char* bootstrap = R"sql(
create schema if not exists tollgate;
create table if not exists tollgate.migration (
    schema_name text not null,
    number integer not null,
    name text not null,
    release integer not null,
    checksum bytea not null,
    applied_at timestamptz not null default now(),
    primary key (schema_name, number)
);
)sql";

using Key = std::pair<std::string, int>;

struct Applied {
    std::string name;
    int release;
    std::string checksum;
};

std::map<Key, Applied> read_applied(Connection& connection) {
    std::map<Key, Applied> applied;
    const Rows rows =
        connection.execute("select schema_name, number, name, release, checksum from tollgate.migration");
    for (const Row row : rows) {
        applied.emplace(Key{row.get<std::string>(0), row.get<std::int32_t>(1)},
                        Applied{.name = row.get<std::string>(2),
                                .release = row.get<std::int32_t>(3),
                                .checksum = row.get<std::string>(4)});
    }
    return applied;
}

std::string checksum_of(Connection& connection, const Migration& migration) {
    return connection.execute("select sha256($1)", Bytes{migration.sql}).only().get<std::string>(0);
}

int newest_release(Schemas schemas) {
    int release = 0;
    for (const Schema* schema : schemas) {
        for (const Migration& migration : schema->migrations) release = std::max(release, migration.release);
    }
    return release;
}

// A database with migrations that this program does not know is of a later release.
Result<void> refuse_too_new(const std::map<Key, Applied>& applied, Schemas schemas) {
    const int ours = newest_release(schemas);
    for (const auto& [key, row] : applied) {
        if (row.release > ours + 1) {
            return fail(
                ErrorCode::misconfigured,
                "the database is of release {} ({} {}), and this program is of release {}: use a tollgate of "
                "release {} or {}",
                row.release, key.first, row.name, ours, row.release - 1, row.release);
        }
    }
    return {};
}

// What this program has that the database has not; an error if a file differs from what was run.
Result<std::vector<std::pair<const Schema*, const Migration*>>> find_missing(
    Connection& connection, const std::map<Key, Applied>& applied, Schemas schemas) {
    std::vector<std::pair<const Schema*, const Migration*>> missing;
    for (const Schema* schema : in_order_of_need(schemas)) {
        for (const Migration& migration : schema->migrations) {
            const auto found = applied.find(Key{schema->name, migration.number});
            if (found == applied.end()) {
                missing.emplace_back(schema, &migration);
            } else if (found->second.checksum != checksum_of(connection, migration)) {
                return fail(
                    ErrorCode::misconfigured,
                    "migration {} {} was changed after it was run on this database as {}: put the file back, "
                    "and make the change in a migration of its own",
                    schema->name, migration.name, found->second.name);
            }
        }
    }
    return missing;
}

void apply(Connection& connection, const Schema& schema, const Migration& migration) {
    Transaction transaction{connection};
    connection.execute_script(fmt::format("create schema if not exists {}", schema.name));
    connection.execute_script(std::string{migration.sql});
    transaction.execute(
        "insert into tollgate.migration (schema_name, number, name, release, checksum) "
        "values ($1, $2, $3, $4, sha256($5))",
        schema.name, std::int32_t{migration.number}, migration.name, std::int32_t{migration.release},
        Bytes{migration.sql});
    transaction.commit();
}

// Before anything is made, so that nothing is half made.
Result<void> require_owners_rights(Connection& connection) {
    const auto [login, may_create, may_create_roles] =
        connection
            .execute(
                "select current_user::text, has_database_privilege(current_database(), 'create'), "
                "rolcreaterole or rolsuper from pg_roles where rolname = current_user")
            .only()
            .as<std::string, bool, bool>();
    if (may_create && may_create_roles) return {};
    return fail(
        ErrorCode::misconfigured,
        "the login \"{}\" may not {}: migrate needs the one that owns the database and has CREATEROLE", login,
        may_create ? "create roles" : "create schemas in this database");
}

// One migrator at a time; the others wait their turn and then find nothing to do.
void lock_out_others(Connection& connection, const MigrationObserver& observer) {
    if (connection.execute("select pg_try_advisory_lock($1)", migration_lock).only().get<bool>(0)) return;
    observer("waiting for another migrator");
    const auto before =
        connection.execute("select current_setting('lock_timeout')").only().get<std::string>(0);
    connection.execute_script("set lock_timeout = 0");
    connection.execute("select pg_advisory_lock($1)", migration_lock);
    connection.execute("select set_config('lock_timeout', $1, false)", before);
}

Result<std::size_t> migrate_locked(Connection& connection, Schemas schemas,
                                   const MigrationObserver& observer) {
    connection.execute_script(bootstrap);
    const auto applied = read_applied(connection);
    if (const auto known = refuse_too_new(applied, schemas); !known) return std::unexpected{known.error()};
    const auto missing = find_missing(connection, applied, schemas);
    if (!missing) return std::unexpected{missing.error()};
    for (const auto& [schema, migration] : *missing) {
        const std::string title = fmt::format("{} {}", schema->name, migration->name);
        observer("applying " + title);
        try {
            apply(connection, *schema, *migration);
        } catch (const SqlError& error) {
            return std::unexpected{error.error().within(fmt::format("migration {}", title))};
        }
    }
    return missing->size();
}

// Of all services if none is named.
Result<std::vector<std::string_view>> roles_of(const std::vector<std::string>& services) {
    if (services.empty()) return std::vector<std::string_view>{service_roles.begin(), service_roles.end()};
    std::vector<std::string_view> roles;
    for (const std::string& service : services) {
        const auto* const role = std::ranges::find(service_roles, "tollgate_" + service);
        if (role == service_roles.end()) {
            return fail(ErrorCode::invalid, "there is no service \"{}\"; there are {}", service,
                        fmt::join(services_with_role(), ", "));
        }
        roles.push_back(*role);
    }
    return roles;
}

bool is_member(Transaction& tx, const std::string& login, std::string_view role) {
    return !tx.execute(
                  "select 1 from pg_auth_members "
                  "where roleid = to_regrole($1) and member = (select oid from pg_roles where rolname = $2)",
                  role, login)
                .empty();
}

}  // namespace

std::vector<const Schema*> in_order_of_need(Schemas schemas) {
    std::vector<const Schema*> ordered;
    const auto is_placed = [&](std::string_view name) {
        return std::ranges::any_of(ordered, [&](const Schema* placed) { return placed->name == name; });
    };
    while (ordered.size() < schemas.size()) {
        const std::size_t before = ordered.size();
        for (const Schema* schema : schemas) {
            if (!is_placed(schema->name) && std::ranges::all_of(schema->needs, is_placed))
                ordered.push_back(schema);
        }
        if (ordered.size() == before)
            throw std::logic_error{"schemas need each other in a circle, or one is missing"};
    }
    return ordered;
}

Result<std::size_t> migrate(Connection& connection, Schemas schemas, const MigrationObserver& observer) {
    Result<std::size_t> outcome;
    try {
        if (const auto right = require_owners_rights(connection); !right)
            return std::unexpected{right.error()};
        lock_out_others(connection, observer);
        outcome = migrate_locked(connection, schemas, observer);
    } catch (const SqlError& error) {
        outcome = std::unexpected{error.error()};
    }
    try {
        if (connection.usable()) connection.execute("select pg_advisory_unlock($1)", migration_lock);
    } catch (const SqlError& error) {
        // The lock goes with the connection.
        telemetry::log::debug("migration lock not released", {{"error", error.what()}});
    }
    return outcome;
}

Result<void> check_migrated(Connection& connection, Schemas schemas) {
    try {
        const bool ever =
            connection.execute("select to_regclass('tollgate.migration') is not null").only().get<bool>(0);
        if (!ever) {
            return fail(
                ErrorCode::misconfigured,
                "the database has no schema of tollgate: run `tollgate migrate` with the login that owns it");
        }
        const auto applied = read_applied(connection);
        if (const auto known = refuse_too_new(applied, schemas); !known) return known;
        const auto missing = find_missing(connection, applied, schemas);
        if (!missing) return std::unexpected{missing.error()};
        if (!missing->empty()) {
            const auto& [schema, migration] = missing->front();
            return fail(ErrorCode::misconfigured,
                        "the database is older than this program: {} {} has not been run ({} in all): run "
                        "`tollgate migrate` of this release",
                        schema->name, migration->name, missing->size());
        }
        return {};
    } catch (const SqlError& error) {
        return std::unexpected{error.error().within("schema check")};
    }
}

std::vector<std::string> services_with_role() {
    constexpr std::size_t prefix = std::string_view{"tollgate_"}.size();
    std::vector<std::string> services;
    services.reserve(service_roles.size());
    for (const std::string_view role : service_roles) services.emplace_back(role.substr(prefix));
    return services;
}

Result<void> grant_roles(Connection& connection, const std::string& login,
                         const std::vector<std::string>& services) {
    const auto roles = roles_of(services);
    if (!roles) return std::unexpected{roles.error()};
    return transact(connection, [&](Transaction& tx) -> Result<void> {
        const Rows known = tx.execute("select 1 from pg_roles where rolname = $1 and rolcanlogin", login);
        if (known.empty()) {
            return fail(ErrorCode::not_found,
                        "there is no login \"{}\" on this server: make it first, with `create role ... login "
                        "noinherit`",
                        login);
        }
        for (const std::string_view role : service_roles) {
            const bool takes = std::ranges::find(*roles, role) != roles->end();
            if (takes == is_member(tx, login, role)) continue;
            const Rows statement =
                tx.execute("select format($3::text, $1::text, $2::text)", role, login,
                           std::string_view{takes ? "grant %I to %I" : "revoke %I from %I"});
            tx.connection().execute_script(statement.only().get<std::string>(0));
        }
        return {};
    });
}

}  // namespace tollgate::postgres
