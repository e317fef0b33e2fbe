-- release 1
-- What plans allow. A plan that has no row here limits nothing, and so does one without a rate.

create table tenants.plan (
    plan text primary key check (plan ~ '^[a-z0-9][a-z0-9_-]{0,38}$'),
    events_per_minute integer check (events_per_minute > 0),
    burst integer not null default 1 check (burst > 0),     -- so many at once, before the rate holds
    changed_at timestamptz not null default now()
);

create trigger kept before delete or truncate on tenants.plan
    for each statement execute function tenants.refuse_change('nothing is deleted: take its limit away');
create constraint trigger audited after insert or update on tenants.plan
    deferrable initially deferred for each row execute function tenants.require_audit();

-- Everybody may know what plans allow; who changes them is one for all tenants.
alter table tenants.plan enable row level security, force row level security;
create policy seen on tenants.plan for select using (true);
create policy made on tenants.plan for insert with check (tenants.sees_each(null));
create policy changed on tenants.plan for update using (tenants.sees_each(null));
grant select on tenants.plan to tollgate_enrichment, tollgate_operator, tollgate_console;
grant insert (plan, events_per_minute, burst), update (events_per_minute, burst, changed_at) on tenants.plan
    to tollgate_operator, tollgate_console;

-- Who holds what is over a plan asks which one a tenant has.
grant select (tenant, plan) on tenants.tenant to tollgate_enrichment;
create policy enrichment_reads on tenants.tenant for select to tollgate_enrichment using (true);
