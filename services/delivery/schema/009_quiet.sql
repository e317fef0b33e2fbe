-- release 1
-- Quiet hours are quiet until they are over, also for digests.

-- The moment at which a zone's clocks show this; where they skip it, the one at which they do.
create function delivery.moment_of(shown timestamp, zone text) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when (named at time zone zone) = shown then named
            else (select min(minute)
                  from generate_series(named - ((named at time zone zone) - shown), named, interval '1 minute') minute
                  where (minute at time zone zone) >= shown) end
        from (select shown at time zone zone as named) moments
$$;

-- The end of those quiet hours that a moment is in, alone; null if it is in none.
create function delivery.quiet_end(quiet jsonb, zone text, at timestamptz) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select max(ends) from (
        select delivery.moment_of(day + begins, zone) as starts,
                delivery.moment_of(
                    day + finishes + case when finishes <= begins then interval '1 day' else interval '0' end, zone) as ends
            from (select (at at time zone zone)::date - ago as day, (quiet ->> 'from')::time as begins,
                          (quiet ->> 'until')::time as finishes from generate_series(0, 1) ago) days
            where quiet -> 'weekdays' is null
                or quiet -> 'weekdays'
                    ? (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow from day)::integer]
    ) hours where starts <= at and at < ends
$$;

-- When it is not quiet any more: one quiet day may follow another. Where it never ends, the end of the first.
create or replace function delivery.quiet_until(quiet jsonb, zone text, at timestamptz) returns timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    first_end constant timestamptz := delivery.quiet_end(quiet, zone, at);
    moment timestamptz := first_end;
    later timestamptz;
begin
    if first_end is null then
        return null;
    end if;
    for day in 1..8 loop
        later := delivery.quiet_end(quiet, zone, moment);
        if later is null then
            return moment;
        end if;
        moment := later;
    end loop;
    return first_end;
end
$$;

-- The facts' names are locked by who calls it.
create or replace function delivery.put(what delivery.planned) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    place record;
    known delivery.delivery;
    quiet jsonb;
    quiet_end timestamptz;
    digest_at timestamptz := now;
    told_in uuid;
    part integer := 0;
begin
    if exists (select from delivery.delivery_event e where e.tenant = what.tenant and e.destination = what.destination
                   and e.event_id = what.event_id) then
        return null;
    end if;
    select d.settings, d.kind, t.time_zone into strict place from tenants.destination d join tenants.tenant t using (tenant)
        where d.tenant = what.tenant and d.destination = what.destination;
    quiet := case when jsonb_typeof(place.settings -> 'quiet_hours') = 'object' then place.settings -> 'quiet_hours' end;
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
                    mention = coalesce(d.mention, what.mention), replayed = d.replayed or what.replayed,
                    hold = d.hold and what.hold
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
        -- Where the next one has just been sent, or two of them end with the same quiet hours, it is the one after.
        for day in 1..20 loop
            digest_at := delivery.next_digest(coalesce((place.settings ->> 'digest_hour')::integer, 9), place.time_zone,
                                              digest_at);
            told_in := delivery.gathering(what.tenant, what.destination, 'digest',
                coalesce(delivery.quiet_until(quiet, place.time_zone, digest_at), digest_at), place.time_zone, what.why);
            exit when told_in is not null;
        end loop;
    elsif told_in is null and what.hold and what.priority > 1 then
        quiet_end := delivery.quiet_until(quiet, place.time_zone, now);
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
                                       story_id, is_follow_up, replayed, hold, due_at)
            values (what.tenant, told_in, what.destination, 'message', what.fact || '/' || part, what.why, what.layout,
                    what.priority, what.mention, what.story_kind, what.story_id, part > 0, what.replayed, what.hold,
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

revoke execute on all functions in schema delivery from public;
grant execute on function delivery.moment_of(timestamp, text), delivery.quiet_end(jsonb, text, timestamptz)
    to tollgate_delivery;
