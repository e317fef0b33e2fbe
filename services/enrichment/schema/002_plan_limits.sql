-- release 1
-- When the next event of a tenant may pass whose plan limits how many do: one row for a tenant, moved on by each batch in
-- its own transaction, so that any number of processes keep to one rate.

create table enrichment.allowance (
    tenant uuid primary key,
    next_at timestamptz not null,
    apart_us bigint not null check (apart_us >= 0)  -- between two events, as it was reckoned with
) with (fillfactor = 50);

grant select, insert, update, delete on enrichment.allowance to tollgate_enrichment;
grant select on enrichment.allowance to tollgate_operator, tollgate_console;
alter table enrichment.allowance enable row level security, force row level security;
create policy by_tenant on enrichment.allowance using (tenants.sees(tenant));
create policy all_tenants on enrichment.allowance to tollgate_enrichment using (true) with check (true);
