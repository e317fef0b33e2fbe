#include "postgres/rights.hpp"

namespace tollgate::postgres {

Result<void> refuse_too_many_rights(Connection& connection) {
    // session_user and not current_user: whoever logged in can leave the role that was set.
    // session_user and not current_user: whoever logged in can leave the role that was set. A right that
    // comes with the membership in another role counts like one's own.
    constexpr const char* question = R"sql(
        with ours as (
            select oid from pg_namespace
            where nspname = 'tollgate' or nspname in (select schema_name from tollgate.migration)
        ), held as (
            select oid, rolname, case
                when rolsuper then 'is a superuser'
                when rolbypassrls then 'bypasses row-level security'
                when rolcreaterole then 'may create roles'
                when rolcreatedb then 'may create databases'
                when rolreplication then 'may replicate'
                when rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files',
                                 'pg_read_all_data', 'pg_write_all_data') then 'reaches beyond its tables'
                when oid = (select datdba from pg_database where datname = current_database())
                    then 'owns the database'
                when exists (select from pg_namespace where oid in (table ours) and nspowner = r.oid)
                    or exists (select from pg_class where relnamespace in (table ours) and relowner = r.oid)
                    or exists (select from pg_proc where pronamespace in (table ours) and proowner = r.oid)
                    then 'owns tables of tollgate'
            end as excess
            from pg_roles r where pg_has_role(session_user, oid, 'MEMBER')
        )
        select session_user::text, rolname::text, excess from held where excess is not null
        order by rolname <> session_user, rolname limit 1
    )sql";
    try {
        const Rows rows = connection.execute(question);
        if (rows.empty()) return {};
        const auto [login, role, excess] = rows[0].as<std::string, std::string, std::string>();
        const std::string who = login == role ? "" : fmt::format("is a member of \"{}\", which ", role);
        return fail(
            ErrorCode::misconfigured,
            "the database login \"{}\" {}{}, and a service must not: make a login of its own (create role "
            "tollgate login noinherit), then run `tollgate migrate --grant-to tollgate`",
            login, who, excess);
    } catch (const SqlError& error) {
        return std::unexpected{error.error().within("rights check")};
    }
}

}  // namespace tollgate::postgres
