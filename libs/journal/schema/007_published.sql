-- release 1
-- What the relay has put on the bus: sums by the hour of the events and their tenant, and where each record lies. A row
-- for each save of its position, in the same transaction: no record is counted twice, and none is left out. Rows are
-- only added, because one that is updated often bloats as long as any transaction on the server stays open.
create table journal.published (
    hour timestamptz not null,              -- of the events' ids
    tenant uuid not null,
    topic text not null,                    -- as in journal.entry
    log_topic text not null,                -- the broker's name of it
    at timestamptz not null default clock_timestamp(),
    records integer not null,
    again integer not null,                 -- of entries that say themselves that they repeat another
    first_id uuid not null,
    last_id uuid not null,
    places bytea not null                   -- 28 bytes each: the event's id, the partition, the offset
);
alter table journal.published alter column places set storage external;
create index on journal.published (hour, tenant);

-- Since when it counts: what was published before is in no sum.
create table journal.publishing (
    only_row boolean primary key default true check (only_row),
    since timestamptz not null default clock_timestamp()
);

-- Where the records of an event lie, the earliest first. Who asks knows that the event is one that he may see.
create function journal.places_of(wanted uuid, of_tenant uuid, of_hour timestamptz)
returns table (at timestamptz, topic text, log_topic text, log_partition integer, log_offset bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.at, p.topic, p.log_topic, ('x' || encode(substring(p.places from f.at + 16 for 4), 'hex'))::bit(32)::integer,
            ('x' || encode(substring(p.places from f.at + 20 for 8), 'hex'))::bit(64)::bigint
        from journal.published p cross join lateral position(uuid_send(wanted) in p.places) f(at)
        where p.hour = of_hour and p.tenant = of_tenant and p.first_id <= wanted and p.last_id >= wanted
            and f.at % 28 = 1
        order by p.at
$$;
revoke execute on function journal.places_of(uuid, uuid, timestamptz) from public;
grant execute on function journal.places_of(uuid, uuid, timestamptz) to tollgate_operator, tollgate_console;

grant insert on journal.published to tollgate_relay;
grant select, insert on journal.publishing to tollgate_relay;
grant select on journal.publishing to tollgate_operator, tollgate_console;
