-- release 1
-- Many at a time: most of what a statement costs is its start.

create or replace function delivery.quiet_until(quiet jsonb, zone text, at timestamptz) returns timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    first_end timestamptz;
    moment timestamptz;
    later timestamptz;
begin
    if quiet is null then
        return null;
    end if;
    first_end := delivery.quiet_end(quiet, zone, at);
    moment := first_end;
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

-- As in 009.
create or replace function delivery.put(what delivery.planned) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    place record;
    known delivery.delivery;
    other delivery.delivery;
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
    -- One by one, by name: as a join it would be planned for how many there were once.
    for told_in in
        select distinct e.delivery from delivery.delivery_event e
            where e.tenant = what.tenant and e.destination = what.destination and e.fact = what.fact order by e.delivery
    loop
        select d.* into strict other from delivery.delivery d
            where d.tenant = what.tenant and d.delivery = told_in for update;
        if known.delivery is null or (other.created_at, other.delivery) > (known.created_at, known.delivery) then
            known := other;
        end if;
    end loop;
    told_in := null;
    if known.delivery is not null then
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

-- The places of those that become a message of their own whatever else is planned with them: nothing was told of their
-- fact, nothing else is now, and neither quiet hours nor a storm can be in their way.
create function delivery.plain_of(wanted delivery.planned[]) returns bigint[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(p.place), '{}') from (
        select w.*, count(*) over (partition by w.tenant, w.destination, w.fact) as of_fact,
                count(*) over (partition by w.tenant, w.destination, w.layout) as of_layout
            from unnest(wanted) with ordinality as w(tenant, destination, event_id, fact, way, hold, why, layout, priority,
                                                     mention, story_kind, story_id, replayed, place)
    ) p join tenants.destination x using (tenant, destination)
        cross join lateral (select coalesce((x.settings ->> 'storm_after')::integer, 8) as most) storm
        where p.way = 'message' and p.of_fact = 1
            and not (p.hold and p.priority > 1 and jsonb_typeof(x.settings -> 'quiet_hours') = 'object')
            and (select e.fact from delivery.delivery_event e
                 where e.tenant = p.tenant and e.destination = p.destination and e.event_id = p.event_id) is null
            and (select e.fact from delivery.delivery_event e
                 where e.tenant = p.tenant and e.destination = p.destination and e.fact = p.fact limit 1) is null
            and (storm.most = 0
                 or not exists (select from delivery.storm s
                                where s.tenant = p.tenant and s.destination = p.destination and s.layout = p.layout
                                    and s.last_at > clock_timestamp() - interval '5 minutes')
                    and p.of_layout + (select count(*) from (
                            select from delivery.delivery d
                                where d.tenant = p.tenant and d.destination = p.destination and d.layout = p.layout
                                    and d.kind = 'message' and d.created_at > clock_timestamp() - interval '5 minutes'
                                limit storm.most) told) <= storm.most)
$$;

-- As `put`, for all of a batch; the facts' names are locked by who calls it. When the first of them is due; null if
-- nothing waits for it.
create function delivery.put_all(wanted delivery.planned[]) returns timestamptz
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    plain bigint[];
    told_in uuid[];
    first_due timestamptz;
    one record;
begin
    insert into delivery.lane (tenant, destination)
        select distinct w.tenant, w.destination from unnest(wanted) w
            where not exists (select from delivery.lane l where l.tenant = w.tenant and l.destination = w.destination)
            order by w.tenant, w.destination
        on conflict do nothing;
    plain := delivery.plain_of(wanted);
    with chosen as materialized (
        select w.*, gen_random_uuid() as delivery,
                now + make_interval(secs => coalesce((x.settings ->> 'sibling_wait_ms')::float8, 5000) / 1000) as due_at
            from unnest(wanted) with ordinality as w(tenant, destination, event_id, fact, way, hold, why, layout, priority,
                                                     mention, story_kind, story_id, replayed, place)
                join tenants.destination x using (tenant, destination)
            where w.place = any (plain)
    ), made as (
        insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, mention, story_kind,
                                       story_id, replayed, hold, due_at)
            select c.tenant, c.delivery, c.destination, 'message', c.fact || '/0', c.why, c.layout, c.priority, c.mention,
                    c.story_kind, c.story_id, c.replayed, c.hold, c.due_at from chosen c order by c.place
    ), named as (
        insert into delivery.delivery_event (tenant, destination, event_id, delivery, fact)
            select c.tenant, c.destination, c.event_id, c.delivery, c.fact from chosen c
    )
    select min(c.due_at) into first_due from chosen c;
    for one in
        select row(w.tenant, w.destination, w.event_id, w.fact, w.way, w.hold, w.why, w.layout, w.priority, w.mention,
                   w.story_kind, w.story_id, w.replayed)::delivery.planned as what
            from unnest(wanted) with ordinality as w(tenant, destination, event_id, fact, way, hold, why, layout, priority,
                                                     mention, story_kind, story_id, replayed, place)
            where w.place <> all (plain) order by w.tenant, w.destination, w.place
    loop
        told_in := told_in || delivery.put(one.what);
    end loop;
    return least(first_due, (select min(d.due_at) from delivery.delivery d
                             where d.tenant in (select w.tenant from unnest(wanted) w) and d.delivery = any (told_in)
                                 and d.state = 'waiting'));
end
$$;

revoke execute on function delivery.plain_of(delivery.planned[]), delivery.put_all(delivery.planned[]) from public;
grant execute on function delivery.plain_of(delivery.planned[]), delivery.put_all(delivery.planned[]) to tollgate_delivery;
