-- release 1
-- Where notifications go. The webhook's URL or the bot's token is sealed: whoever holds it can post. What may be shown of
-- it is the host that it leads to and a few digits of its hash.
create table tenants.destination (
    tenant uuid not null references tenants.tenant,
    destination uuid not null,
    slug tenants.slug not null,
    kind text not null check (kind in ('slack-webhook', 'slack-bot')),
    settings jsonb not null check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 65536),
    sealed bytea not null check (octet_length(sealed) between 1 and 131072),
    key_id text not null,                   -- of the key that sealed it
    host text not null check (octet_length(host) <= 300),  -- empty: the channel's own
    fingerprint text not null check (fingerprint ~ '^[0-9a-f]{8}$'),
    secret_since timestamptz not null default now(),
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant, destination),
    unique (tenant, slug)
);
create index on tenants.destination (key_id);

create trigger kept before delete or truncate on tenants.destination
    for each statement execute function tenants.refuse_change('nothing is deleted: disable or retire it');
create trigger named before update of tenant, destination, slug, kind, created_at on tenants.destination
    for each statement execute function tenants.refuse_change('a slug is for ever, and so is its kind');
create constraint trigger audited after insert or update on tenants.destination
    deferrable initially deferred for each row execute function tenants.require_audit();

alter table tenants.destination enable row level security, force row level security;
create policy by_tenant on tenants.destination using (tenants.sees(tenant));
grant select on tenants.destination to tollgate_operator, tollgate_console;
grant insert (tenant, destination, slug, kind, settings, sealed, key_id, host, fingerprint),
      update (settings, sealed, key_id, host, fingerprint, secret_since, disabled_at) on tenants.destination
    to tollgate_operator, tollgate_console;

-- Whose message it is stands in the message. The zone is that of quiet hours and digests.
grant usage on schema tenants to tollgate_delivery;
grant select on tenants.destination to tollgate_delivery;
grant select (tenant, slug, name, time_zone, disabled_at) on tenants.tenant to tollgate_delivery;
create policy delivery_reads on tenants.destination for select to tollgate_delivery using (true);
create policy delivery_reads on tenants.tenant for select to tollgate_delivery using (true);
