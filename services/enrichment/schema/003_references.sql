-- release 1
-- Who a payer is in the tenant's own system. Of the providers that a tenant has a directory for, an event goes on when
-- that is known, and is held until then.

create table enrichment.directory (
    tenant uuid not null,
    provider text not null check (provider ~ '^[a-z0-9][a-z0-9_-]{0,38}$'),
    url text check (length(url) between 1 and 2000),    -- null: operators alone say who is who
    sealed_token bytea,
    key_id text,
    off_at timestamptz,                                 -- null: in use
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant, provider),
    check ((sealed_token is null) = (key_id is null)),
    check (sealed_token is null or url is not null)
);

create table enrichment.reference (
    tenant uuid not null,
    provider text not null,
    customer text not null,                             -- the provider's id
    reference text check (length(reference) between 1 and 200),  -- null: not known yet
    told_by text check (told_by in ('operator', 'directory')),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant, provider, customer),
    check (reference is null or told_by is not null)
);
create index on enrichment.reference (tenant, provider, changed_at) where reference is null;

-- What operators say has a row that says who did.
create constraint trigger audited after insert or update on enrichment.directory
    deferrable initially deferred for each row execute function tenants.require_audit();
create constraint trigger audited after insert or update on enrichment.reference
    deferrable initially deferred for each row when (current_user in ('tollgate_operator', 'tollgate_console'))
    execute function tenants.require_audit();

grant select on enrichment.directory to tollgate_enrichment;
grant select, insert, update on enrichment.reference to tollgate_enrichment;
grant select (tenant, provider, url, key_id, off_at, changed_at) on enrichment.directory
    to tollgate_operator, tollgate_console;
grant insert (tenant, provider, url, sealed_token, key_id), update (url, sealed_token, key_id, off_at, changed_at)
    on enrichment.directory to tollgate_operator, tollgate_console;
grant select, insert, update (reference, told_by, changed_at) on enrichment.reference
    to tollgate_operator, tollgate_console;

alter table enrichment.directory enable row level security, force row level security;
create policy by_tenant on enrichment.directory using (tenants.sees(tenant));
create policy all_tenants on enrichment.directory for select to tollgate_enrichment using (true);
alter table enrichment.reference enable row level security, force row level security;
create policy by_tenant on enrichment.reference using (tenants.sees(tenant));
create policy all_tenants on enrichment.reference to tollgate_enrichment using (true) with check (true);
