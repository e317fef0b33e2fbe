-- release 1
-- What was accepted, by the keys that a repeat is known by. Apart from the events: it is small, and outlives their days.
--
-- A key is the first half of the SHA-256 of what names the event at its provider; a fingerprint likewise of what must
-- not differ between two events of one name. No key names an event that is not there: both come in one transaction.
create table ingress.dedupe_key (
    tenant uuid not null,
    source uuid not null,
    key uuid not null,
    event_id uuid not null,
    fingerprint uuid not null,
    expires timestamptz,                -- null: never
    primary key (tenant, source, key)
);

-- An event that came under another's key with another fingerprint: kept, and held from the bus until an operator
-- releases or discards it.
create table ingress.held (
    tenant uuid not null,
    event_id uuid not null,
    source text not null,               -- its slug
    provider text not null,
    type text not null,
    provider_event_id text,
    conflicts_with uuid not null,       -- the event that came first
    reason text not null,
    held_at timestamptz not null default now(),
    state text not null default 'held' check (state in ('held', 'released', 'discarded')),
    settled_at timestamptz,
    settled_by text,
    primary key (tenant, event_id),
    check ((state = 'held') = (settled_at is null))
);
create index on ingress.held (tenant, held_at) where state = 'held';

-- For a statement that must take all of the keys of a request or none.
create function ingress.part_is_won() returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'some of the request''s keys are taken, and some are free' using errcode = 'TG003';
end
$$;
