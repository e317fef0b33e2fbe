-- release 1
-- What a destination has been told so far: stories, of which each further message knows, and storms, which are one.

create table delivery.story (
    tenant uuid not null,
    destination uuid not null,
    kind text not null,                 -- "subscription", "invoice", "dispute", "payment", "storm"
    id text not null,
    told integer not null,              -- messages, the first one too
    last_at timestamptz not null,
    began text not null,                -- the first headline
    priority integer not null,          -- of what it says now
    happened timestamptz,
    version bigint not null,
    channel text,                       -- where its first message stands, and as what; null where nothing can be
    ts text,                            -- added to it
    is_fixed boolean not null default false,    -- it cannot be changed any more
    primary key (tenant, destination, kind, id)
);

-- Too many messages of one kind at once. It is over when none has come for five minutes.
create table delivery.storm (
    tenant uuid not null,
    destination uuid not null,
    layout text not null,
    started_at timestamptz not null,
    last_at timestamptz not null,
    primary key (tenant, destination, layout, started_at)
);

-- The card that an event goes into; null if there is no storm, or if the event is to be told by itself. A card that is
-- claimed is followed by the next one: half a minute later where the first can be changed, else after ten minutes, so
-- that a channel is not filled with cards.
create function delivery.storm_for(what delivery.planned, can_change boolean, most integer) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    window_start constant timestamptz := now - interval '5 minutes';
    storm delivery.storm;
    name text;
    card uuid;
    last_due timestamptz;
    parts integer;
begin
    -- What is to be acted on now is told by itself, unless it is of what was told just now.
    if most = 0 or what.priority = 1 and not exists (select from delivery.delivery d
            where d.tenant = what.tenant and d.destination = what.destination and d.layout = what.layout
                and d.kind = 'message' and d.created_at > window_start and d.story_kind = what.story_kind
                and d.story_id = what.story_id) then
        return null;
    end if;
    select * into storm from delivery.storm s
        where s.tenant = what.tenant and s.destination = what.destination and s.layout = what.layout
            and s.last_at > window_start order by s.started_at desc limit 1 for update;
    if found then
        update delivery.storm s set last_at = now where s.tenant = storm.tenant and s.destination = storm.destination
            and s.layout = storm.layout and s.started_at = storm.started_at;
    elsif (select count(*) from delivery.delivery d
           where d.tenant = what.tenant and d.destination = what.destination and d.layout = what.layout
               and d.kind = 'message' and d.created_at > window_start) < most then
        return null;
    else
        insert into delivery.storm (tenant, destination, layout, started_at, last_at)
            values (what.tenant, what.destination, what.layout, now, now) returning * into storm;
    end if;
    name := what.layout || '/' || to_char(storm.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    -- Its end, in words; later as long as more comes.
    insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, story_kind, story_id,
                                   due_at)
        values (what.tenant, gen_random_uuid(), what.destination, 'storm', name || '/end', what.why, what.layout,
                what.priority, 'storm', name, now + interval '5 minutes')
        on conflict (tenant, destination, kind, key) do update set due_at = excluded.due_at
            where delivery.state = 'waiting' and delivery.attempts = 0;
    select d.delivery into card from delivery.delivery d
        where d.tenant = what.tenant and d.destination = what.destination and d.kind = 'storm' and d.story_id = name
            and d.key <> name || '/end' and d.state = 'waiting' and d.attempts = 0 for update;
    if found then
        return card;
    end if;
    select count(*), max(coalesce(d.settled_at, d.created_at)) into parts, last_due from delivery.delivery d
        where d.tenant = what.tenant and d.destination = what.destination and d.kind = 'storm' and d.story_id = name
            and d.key <> name || '/end';
    card := gen_random_uuid();
    insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, story_kind, story_id,
                                   due_at)
        values (what.tenant, card, what.destination, 'storm', name || '/' || parts, what.why, what.layout, what.priority,
                'storm', name,
                case when parts = 0 then now + interval '2 seconds'
                     else last_due + case when can_change then interval '30 seconds' else interval '10 minutes' end end);
    return card;
end
$$;

revoke execute on function delivery.storm_for(delivery.planned, boolean, integer) from public;
grant execute on function delivery.storm_for(delivery.planned, boolean, integer) to tollgate_delivery;
grant select, insert, update, delete on delivery.story, delivery.storm to tollgate_delivery;
grant select on delivery.story, delivery.storm to tollgate_operator, tollgate_console;

do $$
declare
    of_tenants constant text[] := array['story', 'storm'];
    each text;
begin
    foreach each in array of_tenants loop
        execute format('alter table delivery.%I enable row level security, force row level security', each);
        execute format('create policy by_tenant on delivery.%I using (tenants.sees(tenant))', each);
        execute format('create policy all_tenants on delivery.%I to tollgate_delivery using (true) with check (true)',
                       each);
    end loop;
end
$$;
