-- release 1
revoke execute on all functions in schema ingress from public;
grant usage on schema ingress to tollgate_ingress, tollgate_operator, tollgate_console;

grant select, insert on ingress.dedupe_key to tollgate_ingress;
grant insert (tenant, event_id, source, conflicts_with, reason) on ingress.held to tollgate_ingress;
grant execute on function ingress.part_is_won() to tollgate_ingress;
