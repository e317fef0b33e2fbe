#include "postgres/migrate.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "postgres/transaction.hpp"

namespace tollgate::postgres {

namespace {

// Session-wide and not per transaction: it spans all migrations of a run. Any number will do, if it stays.
constexpr std::int64_t migration_lock = 0x746F6C6C67617465;  // "tollgate"

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

Result<std::size_t> migrate_locked(Connection& connection, Schemas schemas,
                                   const MigrationObserver& observer) {
    connection.execute_script(bootstrap);
    const auto applied = read_applied(connection);
    if (const auto known = refuse_too_new(applied, schemas); !known) return std::unexpected{known.error()};
    const auto missing = find_missing(connection, applied, schemas);
    if (!missing) return std::unexpected{missing.error()};
    for (const auto& [schema, migration] : *missing) {
        const std::string title = fmt::format("{} {}", schema->name, migration->name);
        observer(title);
        try {
            apply(connection, *schema, *migration);
        } catch (const SqlError& error) {
            return std::unexpected{error.error().within(fmt::format("migration {}", title))};
        }
    }
    return missing->size();
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
    try {
        // Waits for another migrator for as long as the statement timeout allows.
        connection.execute_script("set lock_timeout = 0");
        connection.execute("select pg_advisory_lock($1)", migration_lock);
        connection.execute_script("set lock_timeout = '5s'");
        auto outcome = migrate_locked(connection, schemas, observer);
        if (connection.usable()) connection.execute("select pg_advisory_unlock($1)", migration_lock);
        return outcome;
    } catch (const SqlError& error) {
        return std::unexpected{error.error().within("migrate")};
    }
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

Result<void> grant_roles(Connection& connection, const std::string& login) {
    return transact(connection, [&](Transaction& tx) -> Result<void> {
        const Rows known = tx.execute("select 1 from pg_roles where rolname = $1 and rolcanlogin", login);
        if (known.empty()) {
            return fail(ErrorCode::not_found,
                        "there is no login \"{}\" on this server: make it first, with `create role ... login "
                        "noinherit`",
                        login);
        }
        const Rows grants = tx.execute(
            "select format('grant %I to %I', rolname, $1::text) from pg_roles "
            "where rolname like 'tollgate\\_%' and not rolcanlogin order by rolname",
            login);
        for (const Row grant : grants) tx.connection().execute_script(grant.get<std::string>(0));
        return {};
    });
}

}  // namespace tollgate::postgres
