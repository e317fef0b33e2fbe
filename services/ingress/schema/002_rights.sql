-- release 1
revoke execute on all functions in schema ingress from public;
grant usage on schema ingress to tollgate_ingress, tollgate_operator, tollgate_console;

grant select, insert on ingress.dedupe_key to tollgate_ingress;
grant insert (tenant, event_id, source, provider, type, provider_event_id, conflicts_with, reason) on ingress.held
    to tollgate_ingress;
grant execute on function ingress.part_is_won() to tollgate_ingress;

alter table ingress.held enable row level security, force row level security;
create policy by_tenant on ingress.held using (tenants.sees(tenant));
create policy all_tenants on ingress.held for insert to tollgate_ingress with check (true);
grant select, update (state, settled_at, settled_by) on ingress.held to tollgate_operator, tollgate_console;
