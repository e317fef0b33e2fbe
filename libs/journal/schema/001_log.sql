-- release 1
-- An append-only log, read by snapshots and emptied by TRUNCATE: no row of it is ever updated or deleted.
--
-- A tick is a snapshot of the database. What is visible in tick N and was not in tick N-1 is the batch of tick N.
-- Every reader reads the batches in this order, and within one by transaction, then by seq. So nothing is skipped when
-- transactions commit in another order than they began, and one that stays open delays only itself.

create sequence journal.entry_seq as bigint cache 1;
-- From here on last_value is the last one drawn, also before the first entry.
select nextval('journal.entry_seq');

create table journal.entry (
    child smallint not null,
    xid xid8 not null default pg_current_xact_id(),
    seq bigint not null default nextval('journal.entry_seq'),
    tenant uuid not null,
    topic text not null,                -- 'raw', 'payment', 'billing.dlq': without the prefix of a deployment
    event_id uuid not null,             -- the bytes are in the archive, or in the work row of a dead letter
    headers jsonb                       -- what a dead letter adds; null for events
) partition by list (child);
create index on journal.entry (xid, seq);

create table journal.tick (
    child smallint not null,
    id bigint not null,
    snapshot pg_snapshot not null,
    last_seq bigint not null,           -- nothing that the snapshot shows is above it
    at timestamptz not null default clock_timestamp()
) partition by list (child);
create index on journal.tick (id);

-- Where readers stand. All ticks up to `tick` were read, and of the next one what is not above (xid, seq). Each move
-- is a row, because a row that is updated often bloats as long as any transaction on the server stays open.
create table journal.position (
    child smallint not null,
    reader text not null,
    tick bigint not null,
    xid xid8 not null,
    seq bigint not null,
    at timestamptz not null default clock_timestamp()
) partition by list (child);
create index on journal.position (reader, tick, xid, seq);

-- Without autovacuum: nothing in them dies, and TRUNCATE must not wait for it.
do $$
begin
    for child in 0..2 loop
        execute format('create table journal.entry_%1$s partition of journal.entry for values in (%1$s)
                        with (autovacuum_enabled = off)', child);
        execute format('create table journal.tick_%1$s partition of journal.tick for values in (%1$s)
                        with (autovacuum_enabled = off)', child);
        execute format('create table journal.position_%1$s partition of journal.position for values in (%1$s)
                        with (autovacuum_enabled = off)', child);
    end loop;
end
$$;

-- A name that keeps its entries from being emptied until it has read them. The holder is who reads now.
create table journal.reader (
    name text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    holder uuid,
    epoch bigint not null default 0,
    registered_at timestamptz not null default now()
);

-- Which server counts the transactions here. A dump that was restored elsewhere has the numbers of another.
create function journal.this_server() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('%s/%s', c.system_identifier, d.oid) from pg_control_system() c, pg_database d
        where d.datname = current_database()
$$;

-- One row: which child takes what is appended now, and who keeps the log.
create table journal.state (
    only_row boolean primary key default true check (only_row),
    child smallint not null,
    since timestamptz not null default clock_timestamp(),
    server text not null,
    keeper uuid,
    epoch bigint not null default 0
);
insert into journal.state (child, server) values (0, journal.this_server());

insert into journal.tick (child, id, snapshot, last_seq)
    select 0, 1, pg_current_snapshot(), s.last_value from journal.entry_seq s;
