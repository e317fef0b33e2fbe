-- release 1
-- Where an event goes: into a message that waits for it, or into one of its own.

-- The end of the quiet hours that a moment is in; null if it is in none. `quiet` is as a destination's settings have it:
-- {"from": "22:00", "until": "07:00", "weekdays": ["mon"]}. They are those that begin on one of the days.
create function delivery.quiet_until(quiet jsonb, zone text, at timestamptz) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select max(ends) from (
        select (day + begins) at time zone zone as starts,
                (day + finishes + case when finishes <= begins then interval '1 day' else interval '0' end)
                    at time zone zone as ends
            from (select (at at time zone zone)::date - ago as day, (quiet ->> 'from')::time as begins,
                          (quiet ->> 'until')::time as finishes from generate_series(0, 1) ago) days
            where quiet -> 'weekdays' is null
                or quiet -> 'weekdays'
                    ? (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow from day)::integer]
    ) hours where starts <= at and at < ends
$$;

-- When the next digest is due: the next such hour in the tenant's zone.
create function delivery.next_digest(hour integer, zone text, at timestamptz) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select min(due) from (
        select (((at at time zone zone)::date + day) + make_interval(hours => hour)) at time zone zone as due
            from generate_series(0, 2) day) moments where due > at
$$;

-- A message that many events are told in, as long as nobody has claimed it; made if there is none. What is due at a time
-- has that for its name, so each is sent once.
create function delivery.gathering(of_tenant uuid, of_destination uuid, of_kind text, at timestamptz, zone text,
                                   because text) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    of_key constant text := to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
    found_id uuid;
begin
    insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, due_at, held_back)
        values (of_tenant, gen_random_uuid(), of_destination, of_kind, of_key, because, of_kind, 4, at, of_kind = 'quiet')
        on conflict do nothing;
    select d.delivery into found_id from delivery.delivery d
        where d.tenant = of_tenant and d.destination = of_destination and d.kind = of_kind and d.key = of_key
            and d.state = 'waiting' and d.attempts = 0 for update;
    return found_id;
end
$$;

create type delivery.planned as (
    tenant uuid, destination uuid, event_id uuid, fact uuid, way text, hold boolean, why text, layout text,
    priority integer, mention text, story_kind text, story_id text, replayed boolean);

-- The facts' names are locked by who calls it.
create function delivery.put(what delivery.planned) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    place record;
    known delivery.delivery;
    quiet_end timestamptz;
    told_in uuid;
    part integer := 0;
begin
    if exists (select from delivery.delivery_event e where e.tenant = what.tenant and e.destination = what.destination
                   and e.event_id = what.event_id) then
        return null;
    end if;
    select d.settings, d.kind, t.time_zone into strict place from tenants.destination d join tenants.tenant t using (tenant)
        where d.tenant = what.tenant and d.destination = what.destination;
    insert into delivery.lane (tenant, destination) values (what.tenant, what.destination) on conflict do nothing;
    select d.* into known from delivery.delivery d
        where d.tenant = what.tenant and d.delivery in
            (select e.delivery from delivery.delivery_event e
             where e.tenant = what.tenant and e.destination = what.destination and e.fact = what.fact)
        order by d.created_at desc, d.delivery desc limit 1 for update;
    if found then
        if known.state = 'waiting' and known.attempts = 0 and (known.kind = 'message' or what.way <> 'message') then
            told_in := known.delivery;
            update delivery.delivery d set priority = least(d.priority, what.priority),
                    layout = case when d.kind = 'message' and what.priority < d.priority then what.layout else d.layout end,
                    mention = coalesce(d.mention, what.mention), replayed = d.replayed or what.replayed
                where d.tenant = what.tenant and d.delivery = told_in;
        elsif known.state = 'waiting' and known.attempts = 0 then
            -- What was to wait is worth a message of its own now.
            told_in := null;
        elsif what.way <> 'message' or known.priority <= what.priority then
            insert into delivery.delivery_event (tenant, destination, event_id, delivery, fact, is_late)
                values (what.tenant, what.destination, what.event_id, known.delivery, what.fact, true);
            return known.delivery;
        end if;
        part := (select count(*) from delivery.delivery d
                 where d.tenant = what.tenant and d.destination = what.destination and d.kind = 'message'
                     and d.key like what.fact || '/%');
    end if;
    if told_in is null and what.way = 'digest' then
        quiet_end := delivery.next_digest(coalesce((place.settings ->> 'digest_hour')::integer, 9), place.time_zone, now);
        told_in := delivery.gathering(what.tenant, what.destination, 'digest', quiet_end, place.time_zone, what.why);
        -- It has just been sent: there is always a next one.
        told_in := coalesce(told_in, delivery.gathering(what.tenant, what.destination, 'digest',
            delivery.next_digest(coalesce((place.settings ->> 'digest_hour')::integer, 9), place.time_zone, quiet_end),
            place.time_zone, what.why));
    elsif told_in is null and what.hold and what.priority > 1 and jsonb_typeof(place.settings -> 'quiet_hours') = 'object' then
        quiet_end := delivery.quiet_until(place.settings -> 'quiet_hours', place.time_zone, now);
        if quiet_end is not null then
            told_in := delivery.gathering(what.tenant, what.destination, 'quiet', quiet_end, place.time_zone, what.why);
        end if;
    end if;
    if told_in is null and part = 0 then
        told_in := delivery.storm_for(what, place.kind = 'slack-bot',
            coalesce((place.settings ->> 'storm_after')::integer, 8));
    end if;
    if told_in is null then
        told_in := gen_random_uuid();
        insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, mention, story_kind,
                                       story_id, is_follow_up, replayed, due_at)
            values (what.tenant, told_in, what.destination, 'message', what.fact || '/' || part, what.why, what.layout,
                    what.priority, what.mention, what.story_kind, what.story_id, part > 0, what.replayed,
                    now + make_interval(secs => coalesce((place.settings ->> 'sibling_wait_ms')::float8, 5000) / 1000));
        if known.state = 'waiting' and known.attempts = 0 then
            update delivery.delivery_event e set delivery = told_in
                where e.tenant = what.tenant and e.destination = what.destination and e.fact = what.fact
                    and e.delivery = known.delivery;
            delete from delivery.delivery d where d.tenant = what.tenant and d.delivery = known.delivery
                and not exists (select from delivery.delivery_event e
                                where e.tenant = d.tenant and e.delivery = d.delivery);
        end if;
    end if;
    insert into delivery.delivery_event (tenant, destination, event_id, delivery, fact)
        values (what.tenant, what.destination, what.event_id, told_in, what.fact);
    return told_in;
end
$$;

-- Two facts turn out to be one. Messages that nobody has claimed become one; what was said twice by then stays so.
create function delivery.merge_facts(of_tenant uuid, goes uuid, stays uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    pair record;
begin
    update delivery.fact_name n set fact = stays where n.tenant = of_tenant and n.fact = goes;
    update delivery.event e set fact = stays where e.tenant = of_tenant and e.fact = goes;
    for pair in
        select x.delivery as younger, y.delivery as older, y.destination
            from delivery.delivery x join delivery.delivery y using (tenant, destination, kind)
            where x.tenant = of_tenant and x.kind = 'message' and x.delivery <> y.delivery
                and x.delivery in (select e.delivery from delivery.delivery_event e
                                   where e.tenant = of_tenant and e.fact = goes)
                and y.delivery in (select e.delivery from delivery.delivery_event e
                                   where e.tenant = of_tenant and e.fact = stays)
                and x.state = 'waiting' and x.attempts = 0 and y.state = 'waiting' and y.attempts = 0
            order by x.delivery for update of x, y
    loop
        update delivery.delivery_event e set delivery = pair.older
            where e.tenant = of_tenant and e.delivery = pair.younger;
        delete from delivery.delivery d where d.tenant = of_tenant and d.delivery = pair.younger;
    end loop;
    update delivery.delivery_event e set fact = stays where e.tenant = of_tenant and e.fact = goes;
end
$$;

revoke execute on all functions in schema delivery from public;
grant usage on type delivery.planned to tollgate_delivery;
grant execute on function delivery.quiet_until(jsonb, text, timestamptz),
    delivery.next_digest(integer, text, timestamptz),
    delivery.gathering(uuid, uuid, text, timestamptz, text, text), delivery.put(delivery.planned),
    delivery.merge_facts(uuid, uuid, uuid) to tollgate_delivery;
