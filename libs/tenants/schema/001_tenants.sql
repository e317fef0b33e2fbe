-- release 1
-- Who sends to us. Nothing of it is ever deleted: a slug, a path and an operator's name mean one thing for ever, also in
-- the audit log and in what was received years ago.
--
-- `revision` is that of the last change; see 003.

-- One that reads as a uuid would be taken for an id, where either may stand.
create domain tenants.slug as text
    check (value ~ '^[a-z0-9][a-z0-9-]{0,38}$' and value !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');

-- What people read: one line.
create domain tenants.title as text
    check (length(value) between 1 and 200 and value !~ '[\x01-\x1f\x7f]' and value = btrim(value));

create table tenants.tenant (
    tenant uuid primary key,
    slug tenants.slug not null unique,
    name tenants.title not null,
    plan text not null check (plan ~ '^[a-z0-9][a-z0-9_-]{0,38}$'),
    time_zone text not null,
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    revision bigint not null
);
create index on tenants.tenant (revision);

-- A place that one provider sends to.
create table tenants.source (
    tenant uuid not null references tenants.tenant,
    source uuid not null,
    slug tenants.slug not null,
    provider text not null check (provider ~ '^[a-z0-9][a-z0-9_-]{0,38}$'),
    settings jsonb not null check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 65536),
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    revision bigint not null,
    primary key (tenant, source),
    unique (tenant, slug)
);
create index on tenants.source (revision);

-- A path without a tenant in it. It leads to one source, whoever's; a slash at its end makes no difference, so none is
-- kept.
create table tenants.alias (
    tenant uuid not null,
    source uuid not null,
    path text not null unique
        check (octet_length(path) <= 255 and path ~ '^(/[A-Za-z0-9._~!$&()*+,;=:@-]+)+$' and path !~ '/\.\.?(/|$)'
               and path !~ '^/v1(/|$)'),
    revision bigint not null,
    primary key (tenant, source, path),
    foreign key (tenant, source) references tenants.source
);
create index on tenants.alias (revision);

-- What a sender that knows no tenants calls itself.
create table tenants.school_code (
    tenant uuid not null,
    source uuid not null,
    code text not null unique check (code ~ '^[A-Za-z0-9._-]{1,64}$'),
    revision bigint not null,
    primary key (tenant, source, code),
    foreign key (tenant, source) references tenants.source
);
create index on tenants.school_code (revision);

-- What a source's requests are verified with; several may be valid at a time. Null at an end of the period: no end.
create table tenants.secret (
    tenant uuid not null,
    source uuid not null,
    secret uuid not null,
    sealed bytea not null check (octet_length(sealed) between 1 and 131072),
    key_id text not null,                   -- of the key that sealed it
    valid_from timestamptz,
    valid_until timestamptz,
    retired_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz not null default now(),
    revision bigint not null,
    primary key (tenant, source, secret),
    foreign key (tenant, source) references tenants.source,
    constraint period_has_a_length check (valid_from < valid_until)
) with (fillfactor = 70);                   -- last_used_at changes often, and then in place
create index on tenants.secret (revision);
create index on tenants.secret (secret);    -- whoever notes a use knows the secret alone
create index on tenants.secret (key_id);

-- Who may change these, and for whom. What a lost or stolen token could do is bounded by both.
create table tenants.operator (
    name text primary key check (name ~ '^[a-z0-9][a-z0-9._@-]{0,62}$'),
    role text not null check (role in ('viewer', 'operator', 'admin')),
    tenants uuid[] check (cardinality(tenants) > 0 and array_position(tenants, null) is null),  -- null: all
    token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
    retired_at timestamptz,
    created_at timestamptz not null default now()
);

-- Only zones with a history; an abbreviation or an offset would be wrong half of the year.
create function tenants.is_time_zone(wanted text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select wanted = 'UTC' or (wanted ~ '^[A-Z][A-Za-z_]*/' and wanted !~ '^(Etc|SystemV)/'
                              and exists (select from pg_timezone_names z where z.name = wanted))
$$;

create function tenants.require_time_zone() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not tenants.is_time_zone(new.time_zone) then
        raise exception '"%" is no time zone of the IANA: one is like Europe/Berlin, or UTC', new.time_zone
            using errcode = '22023';
    end if;
    return new;
end
$$;
create trigger time_zone_is_known before insert or update of time_zone on tenants.tenant
    for each row execute function tenants.require_time_zone();
