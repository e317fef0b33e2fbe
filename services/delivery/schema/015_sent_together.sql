-- release 1
-- Many at a time, as in 014: what is claimed, and what ended well.

-- A change of a first message that nobody can change: it stands in a channel that the destination has left, or was said
-- too long ago to be added to.
create function delivery.first_is_gone(what delivery.delivery) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select what.kind = 'update' and not exists (
        select from delivery.story s join tenants.destination x using (tenant, destination)
            where s.tenant = what.tenant and s.destination = what.destination and s.kind = what.story_kind
                and s.id = what.story_id and s.ts is not null and s.channel = x.settings ->> 'channel'
                and s.last_at > now() - interval '30 days')
$$;

-- As in 007. Where it is never anything but quiet, what has waited for the end of a day does not wait for the next.
create or replace function delivery.quiet_for(what delivery.delivery, at timestamptz) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select delivery.quiet_until(x.settings -> 'quiet_hours', t.time_zone, at)
        from tenants.destination x join tenants.tenant t using (tenant)
        where x.tenant = what.tenant and x.destination = what.destination
            and what.hold and what.kind = 'message' and what.priority > 1 and at > what.created_at + interval '1 minute'
            and jsonb_typeof(x.settings -> 'quiet_hours') = 'object'
            and (what.held_until is null
                 or delivery.quiet_end(x.settings -> 'quiet_hours', t.time_zone,
                        delivery.quiet_until(x.settings -> 'quiet_hours', t.time_zone, at)) is null)
$$;

-- As in 007. What tells of a story together with others of the pick, a change of a message, and what may have come into
-- quiet hours are taken one by one, in their order.
create or replace function delivery.claim_of_lane(lane delivery.lane, rate double precision, burst double precision,
                                                  of_holder uuid, most integer, lane_most integer, lease interval)
returns setof delivery.claimed
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    ready constant double precision := least(burst, lane.tokens
        + rate * extract(epoch from least(now - greatest(lane.filled_at, now - interval '1 day'), interval '1 day')));
    stood_still constant interval := lane.stood_still + coalesce(now - lane.still_since, interval '0');
    under_way integer;
    allowed integer;
    taken integer := 0;
    picked delivery.delivery[];
    plain uuid[];
    due delivery.delivery;
    pointless text;
    quiet_end timestamptz;
begin
    select count(*) into strict under_way from delivery.delivery d
        where d.tenant = lane.tenant and d.destination = lane.destination and d.state = 'sending';
    allowed := least(floor(ready)::integer, lane_most - under_way, most);
    -- While the breaker is open one goes to see whether it works again.
    if lane.open_until is not null then
        allowed := least(allowed, 1 - under_way);
    end if;
    picked := array(select d from delivery.due_of_lane(lane, greatest(allowed, 0)) d);
    select coalesce(array_agg(p.delivery order by p.ordinality), '{}') into plain from (
        select d.*, count(*) over (partition by d.story_kind, d.story_id) as of_story
            from unnest(picked) with ordinality d
    ) p where p.kind = 'message' and not (p.hold and p.priority > 1 and now > p.created_at + interval '1 minute')
            and (p.story_kind is null
                 or p.of_story = 1 and not exists (select from delivery.delivery d
                        where d.tenant = p.tenant and d.destination = p.destination and d.state = 'sending'
                            and d.story_kind = p.story_kind and d.story_id = p.story_id));
    return query select * from delivery.begin_attempts(lane.tenant, plain, of_holder, lease, stood_still);
    taken := cardinality(plain);
    foreach due in array picked loop
        continue when due.delivery = any (plain);
        -- A parent is there before what replies to it.
        continue when due.story_kind is not null and exists (select from delivery.delivery d
            where d.tenant = due.tenant and d.destination = due.destination and d.state = 'sending'
                and d.story_kind = due.story_kind and d.story_id = due.story_id);
        pointless := case
            when delivery.is_superseded(due)
                then 'what it tells was overtaken: something newer of the same story has been said'
            when delivery.first_is_gone(due)
                then 'the message that it changes stands in a channel that the destination has left, or is too old' end;
        if pointless is not null then
            update delivery.delivery d set state = 'discarded', due_at = null, settled_at = now, settled_by = 'tollgate',
                    reason = pointless
                where d.tenant = due.tenant and d.delivery = due.delivery;
            continue;
        end if;
        quiet_end := delivery.quiet_for(due, now);
        if quiet_end is not null then
            -- Its age stands still meanwhile.
            update delivery.delivery d set due_at = quiet_end, held_until = quiet_end, held_back = true,
                    stood_still_before = d.stood_still_before - (quiet_end - now)
                where d.tenant = due.tenant and d.delivery = due.delivery;
            continue;
        end if;
        return query select * from delivery.begin_attempts(lane.tenant, array[due.delivery], of_holder, lease, stood_still);
        taken := taken + 1;
    end loop;
    update delivery.lane l set tokens = ready - taken, filled_at = now,
            served_at = case when taken > 0 then now else l.served_at end
        where l.tenant = lane.tenant and l.destination = lane.destination;
end
$$;

-- Each with an attempt of its own, which is on record before the call. The deliveries are locked by who calls it.
create function delivery.begin_attempts(of_tenant uuid, deliveries uuid[], of_holder uuid, lease interval,
                                        stood_still interval) returns setof delivery.claimed
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
begin
    return query
        with begun as (
            update delivery.delivery d set state = 'sending', due_at = null, attempt = gen_random_uuid(),
                    claimed_until = now + lease, attempts = d.attempts + 1,
                    first_tried_at = coalesce(d.first_tried_at, now),
                    stood_still_before = coalesce(d.stood_still_before, stood_still),
                    held_back = d.held_back or now - d.due_at > interval '15 minutes'
                where d.tenant = of_tenant and d.delivery = any (deliveries)
                returning d.tenant, d.delivery, d.destination, d.attempt, d.attempts
        ), noted as (
            insert into delivery.attempt (tenant, attempt, delivery, number, holder)
                select b.tenant, b.attempt, b.delivery, b.attempts, of_holder from begun b
        )
        select b.tenant, b.delivery, b.destination, b.attempt, b.attempts from begun b
            order by array_position(deliveries, b.delivery);
end
$$;

-- Of attempts that ended well, those that this changes nothing for but themselves and their message: the lane is in good
-- order, and the message still theirs. What is left out is settled by `settle`. The lanes are locked by who calls it.
create function delivery.settle_delivered(attempts uuid[], headlines text[], channels text[], stamps text[])
returns table (attempt uuid, tenant uuid, delivery uuid)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
begin
    return query
        with told as materialized (
            select a.tenant, a.attempt, a.delivery, w.headline, w.channel, w.ts
                from unnest(attempts, headlines, channels, stamps) w(attempt, headline, channel, ts)
                    join delivery.attempt a using (attempt)
                    join delivery.delivery d on d.tenant = a.tenant and d.delivery = a.delivery
                    join delivery.lane l on l.tenant = d.tenant and l.destination = d.destination
                where a.outcome is null and d.state = 'sending' and d.attempt = a.attempt and l.failures = 0
                    and num_nonnulls(l.confirm_from, l.broken_at, l.still_since) = 0
                    and l.is_slow = (now - a.started_at > interval '2 seconds')
        ), settled as (
            update delivery.delivery d set state = 'delivered', attempt = null, claimed_until = null, settled_at = now,
                    reason = null, headline = coalesce(nullif(t.headline, ''), d.headline),
                    posted_channel = coalesce(nullif(t.channel, ''), d.posted_channel),
                    posted_ts = coalesce(nullif(t.ts, ''), d.posted_ts)
                from told t
                where d.tenant = t.tenant and d.delivery = t.delivery and d.state = 'sending' and d.attempt = t.attempt
                returning d.tenant, d.delivery, t.attempt
        ), ended as (
            update delivery.attempt a set outcome = 'delivered', ended_at = now from settled s
                where a.tenant = s.tenant and a.attempt = s.attempt
        )
        select s.attempt, s.tenant, s.delivery from settled s;
end
$$;

-- A queue is empty when its tables are looked at and full when it matters: a plan that reads all of one must not be kept.
do $$
declare
    each regprocedure;
begin
    foreach each in array array[
        'delivery.plain_of(delivery.planned[])', 'delivery.put_all(delivery.planned[])', 'delivery.put(delivery.planned)',
        'delivery.storm_for(delivery.planned, boolean, integer)', 'delivery.claim(uuid, integer, integer, interval, integer)',
        'delivery.claim_of_lane(delivery.lane, double precision, double precision, uuid, integer, integer, interval)',
        'delivery.due_of_lane(delivery.lane, integer)',
        'delivery.begin_attempts(uuid, uuid[], uuid, interval, interval)',
        'delivery.settle_delivered(uuid[], text[], text[], text[])',
        'delivery.settle(delivery.settled, interval, interval)',
        'delivery.note_in_lane(uuid, uuid, delivery.settled)']::regprocedure[]
    loop
        execute format('alter function %s set enable_seqscan = off', each);
    end loop;
end
$$;

revoke execute on function delivery.first_is_gone(delivery.delivery),
    delivery.begin_attempts(uuid, uuid[], uuid, interval, interval),
    delivery.settle_delivered(uuid[], text[], text[], text[]) from public;
grant execute on function delivery.first_is_gone(delivery.delivery),
    delivery.begin_attempts(uuid, uuid[], uuid, interval, interval),
    delivery.settle_delivered(uuid[], text[], text[], text[]) to tollgate_delivery;
