// The database: reached, migrated, as durable as a 200 claims, and its clock ours.
#include <cerrno>
#include <system_error>

#include <sys/statvfs.h>

#include "core/units.hpp"
#include "postgres/migrate.hpp"
#include "postgres/pool.hpp"
#include "postgres/rights.hpp"
#include "tollgate/examination.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate {

namespace {

using postgres::Connection;
using postgres::Row;
using postgres::Transaction;

constexpr std::string_view about_durability = "durability";

void examine_rights(Connection& connection, Findings& findings) {
    if (const auto few = postgres::refuse_too_many_rights(connection); !few) {
        findings.failed("rights", few.error());
        return;
    }
    const auto lacking = postgres::transact(connection, [](Transaction& tx) {
        return tx
            .execute(
                "select session_user::text, coalesce(string_agg(r.rolname, ', ' order by r.rolname) "
                "filter (where not pg_has_role(session_user, r.oid, 'MEMBER')), '') from pg_roles r "
                "where r.rolname = any ('{tollgate_ingress,tollgate_relay,tollgate_enrichment,"
                "tollgate_billing,tollgate_delivery,tollgate_operator}')")
            .only()
            .as<std::string, std::string>();
    });
    if (!lacking) {
        findings.failed("rights", lacking.error());
        return;
    }
    const auto& [login, roles] = *lacking;
    if (roles.empty()) {
        findings.good("rights", fmt::format("{} may take the services' roles, and nothing else", login));
    } else {
        findings.weak("rights", fmt::format("{} may not take the roles {}", login, roles),
                      fmt::format("where they run with this login: tollgate migrate --grant-to {}", login));
    }
}

struct Durability {
    std::string fsync;
    std::string synchronous_commit;
    std::string full_page_writes;
    std::string waits_for;
    std::int64_t replicas = 0;
    std::string mends_synchronous_commit;  // where it is set
};

// Under a role of ours: a setting may be given to a role or a login alone.
Result<Durability> read_durability(const Examined& examined) {
    auto connection = Connection::open(examined.as("tollgate_ingress"));
    if (!connection) return std::unexpected{connection.error()};
    return postgres::transact(*connection, [](Transaction& tx) -> Result<Durability> {
        const auto rows = tx.execute(
            "select current_setting('fsync'), current_setting('synchronous_commit'), "
            "current_setting('full_page_writes'), current_setting('synchronous_standby_names'), "
            "(select count(*) from pg_stat_replication), "
            // What stands nearer to the login goes first, and hides what is set for all.
            "(select case s.source "
            "when 'database user' then format('alter role %I in database %I reset synchronous_commit', "
            "session_user, current_database()) "
            "when 'user' then format('alter role %I reset synchronous_commit', session_user) "
            "when 'database' then format('alter database %I reset synchronous_commit', current_database()) "
            "when 'global' then 'alter role all reset synchronous_commit' "
            "when 'client' then 'take it out of the database URL, or of PGOPTIONS' "
            "when 'command line' then 'take it off the command that starts Postgres' "
            "else 'alter system set synchronous_commit = on; select pg_reload_conf()' end "
            "from pg_settings s where s.name = 'synchronous_commit')");
        const Row row = rows.only();
        return Durability{.fsync = row.get<std::string>(0),
                          .synchronous_commit = row.get<std::string>(1),
                          .full_page_writes = row.get<std::string>(2),
                          .waits_for = row.get<std::string>(3),
                          .replicas = row.get<std::int64_t>(4),
                          .mends_synchronous_commit = row.get<std::string>(5)};
    });
}

void judge_durability(const Durability& found, Findings& findings) {
    const std::string about{about_durability};
    if (found.fsync == "off") {
        findings.bad(about, "fsync is off: after a crash of the machine what was answered with 200 is gone",
                     "alter system set fsync = on, then restart Postgres");
    }
    if (found.synchronous_commit == "off") {
        findings.bad(about, "synchronous_commit is off: a 200 is sent before its event is on disk",
                     found.mends_synchronous_commit);
    }
    if (found.full_page_writes == "off") {
        findings.weak(about, "full_page_writes is off: a crash can leave torn pages",
                      "alter system set full_page_writes = on, unless the file system never tears a page");
    }
    if (found.replicas > 0 && found.waits_for.empty()) {
        findings.weak("replicas",
                      fmt::format("{} standby servers, and a commit waits for none: a failover can lose the "
                                  "last events that were answered with 200",
                                  found.replicas),
                      "name one in synchronous_standby_names, or know that providers must send those again");
    } else if (!found.waits_for.empty() && found.synchronous_commit == "local") {
        findings.weak("replicas", "synchronous_commit is local: a commit waits for no standby server",
                      found.mends_synchronous_commit);
    } else if (!found.waits_for.empty()) {
        findings.good("replicas", fmt::format("a commit waits for {}", found.waits_for));
    }
    if (found.fsync != "off" && found.synchronous_commit != "off") {
        findings.good(about, fmt::format("fsync on, synchronous_commit {}: a 200 means that it is on disk",
                                         found.synchronous_commit));
    }
}

// Where Postgres shows it to this login.
std::string folder_of_data(Connection& connection) {
    const auto shown = postgres::transact(connection, [](Transaction& tx) {
        return tx.execute("select current_setting('data_directory')").only().get<std::string>(0);
    });
    return shown.value_or("");
}

void judge_free(const std::string& folder, std::uint64_t used, const Examined& examined, Findings& findings) {
    struct statvfs disk{};
    if (statvfs(folder.c_str(), &disk) != 0) {
        findings.weak(
            "disk", fmt::format("{} cannot be looked at: {}", folder, std::generic_category().message(errno)),
            "name the folder with --data-directory, as a user who may look at it");
        return;
    }
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const std::uint64_t journal = examined.journal.bytes_max.bytes;
    const std::string what =
        fmt::format("{} free where Postgres keeps {}", rounded_size(free), rounded_size(used));
    constexpr std::uint64_t least = std::uint64_t{1} << 30U;
    if (free < least) {
        findings.bad("disk", what + ": when it is full nothing is accepted",
                     "make room, or lower retention.horizon_days");
    } else if (free < journal) {
        findings.weak("disk", fmt::format("{}, and journal.bytes_max is {}", what, rounded_size(journal)),
                      "make room, or lower journal.bytes_max: beyond it ingress says 503 and nothing breaks");
    } else {
        findings.good("disk", what);
    }
}

}  // namespace

bool examine_database(const Examined& examined, Findings& findings) {
    auto connection = Connection::open(examined.as(""));
    if (!connection) {
        findings.failed("database", connection.error(),
                        "start that Postgres, or mend TOLLGATE_DATABASE_URL: server, login, password, "
                        "database; the rest is looked at once it answers");
        return false;
    }
    const auto about = postgres::transact(*connection, [](Transaction& tx) {
        return tx
            .execute(
                "select current_database()::text, session_user::text, "
                "split_part(current_setting('server_version'), ' ', 1)")
            .only()
            .as<std::string, std::string, std::string>();
    });
    if (!about) {
        findings.failed("database", about.error());
        return false;
    }
    const auto& [database, login, version] = *about;
    findings.good("database", fmt::format("{} as {}, Postgres {}", database, login, version));
    // The login itself may look at nothing.
    auto service = Connection::open(examined.as("tollgate_ingress"));
    if (!service) {
        findings.bad("rights", service.error().detail,
                     fmt::format("as the owner of the database: tollgate migrate --grant-to {}", login));
        return false;
    }
    if (const auto migrated = postgres::check_migrated(*service, all_schemas()); !migrated) {
        findings.failed("schema", migrated.error());
        return false;
    }
    findings.good("schema", "all migrations of this release are there");
    examine_rights(*service, findings);

    if (const auto found = read_durability(examined); found) {
        judge_durability(*found, findings);
    } else {
        findings.failed(std::string{about_durability}, found.error());
    }
    postgres::Pool pool{{.connection = examined.as("tollgate_ingress"), .connections_max = 1}};
    if (const auto writable = process::check_writable(pool, SystemClock{}); writable) {
        findings.good("clock", "within 5 s of the database's, which is a primary");
    } else {
        findings.failed("clock", writable.error());
    }
    return true;
}

void examine_disk(const Examined& examined, Findings& findings) {
    auto connection = Connection::open(examined.as(""));
    if (!connection) {
        findings.failed("disk", connection.error());
        return;
    }
    const auto size = postgres::transact(*connection, [](Transaction& tx) {
        return tx.execute("select pg_database_size(current_database())").only().get<std::int64_t>(0);
    });
    if (!size) {
        findings.failed("disk", size.error());
        return;
    }
    const auto used = static_cast<std::uint64_t>(*size);
    const std::string folder =
        examined.data_directory.empty() ? folder_of_data(*connection) : examined.data_directory;
    if (folder.empty()) {
        findings.good("disk",
                      fmt::format("Postgres keeps {}; it does not tell this login where, so what is free is "
                                  "not known here (--data-directory)",
                                  rounded_size(used)));
    } else {
        judge_free(folder, used, examined, findings);
    }
}

}  // namespace tollgate
