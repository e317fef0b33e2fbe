#include "postgres/rights.hpp"

namespace tollgate::postgres {

Result<void> refuse_too_many_rights(Connection& connection) {
    // session_user and not current_user: whoever logged in can leave the role that was set.
    constexpr const char* question = R"sql(
        select session_user::text,
               case
                   when r.rolsuper then 'is a superuser'
                   when r.rolbypassrls then 'bypasses row-level security'
                   when r.rolcreaterole then 'may create roles'
                   when r.rolcreatedb then 'may create databases'
                   when r.rolreplication then 'may replicate'
                   when exists (
                       select from pg_namespace n
                       join tollgate.migration m on m.schema_name = n.nspname
                       where pg_has_role(session_user, n.nspowner, 'MEMBER')
                   ) then 'owns tables of tollgate'
               end
        from pg_roles r where r.rolname = session_user
    )sql";
    try {
        const auto [login, excess] =
            connection.execute(question).only().as<std::string, std::optional<std::string>>();
        if (!excess) return {};
        return fail(
            ErrorCode::misconfigured,
            "the database login \"{0}\" {1}, and a service must not: make a login of its own (create role "
            "tollgate login noinherit), then run `tollgate migrate --grant-to tollgate`",
            login, *excess);
    } catch (const SqlError& error) {
        return std::unexpected{error.error().within("rights check")};
    }
}

}  // namespace tollgate::postgres
