-- release 1
-- One message, or one destination that answers slowly, holds up nobody else.

alter table delivery.lane
    -- The message that all failures in a row were of; null if they were of several.
    add column failing uuid,
    -- When it last took a message after it had failed: what fails on and on from before then is itself at fault.
    add column went_again_at timestamptz,
    add column is_slow boolean not null default false;
alter table delivery.delivery
    add column hold boolean not null default false,     -- in quiet hours, also if they begin while it waits
    add column held_until timestamptz;                  -- the end of those that it met
grant update (failing) on delivery.lane to tollgate_operator, tollgate_console;

-- What was said of a story last decides whether something older is still worth saying.
create index on delivery.delivery (tenant, destination, story_kind, story_id, created_at) where kind in ('update', 'storm');
create index on delivery.story (last_at);

-- A change of a first message, or a storm's card, that something newer has come before.
create function delivery.is_superseded(what delivery.delivery) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case what.kind
        when 'update' then exists (select from delivery.delivery d
            where d.tenant = what.tenant and d.destination = what.destination and d.kind = 'update'
                and d.story_kind = what.story_kind and d.story_id = what.story_id and d.created_at > what.created_at)
        when 'storm' then what.key not like '%/end' and exists (select from delivery.delivery d
            where d.tenant = what.tenant and d.destination = what.destination and d.kind = 'storm'
                and d.story_kind = what.story_kind and d.story_id = what.story_id and d.state = 'delivered'
                and d.settled_at > what.created_at and (d.created_at > what.created_at or d.key like '%/end'))
        else false end
$$;

-- Where a message that has waited has come into quiet hours: until when they last.
create function delivery.quiet_for(what delivery.delivery, at timestamptz) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select delivery.quiet_until(x.settings -> 'quiet_hours', t.time_zone, at)
        from tenants.destination x join tenants.tenant t using (tenant)
        where x.tenant = what.tenant and x.destination = what.destination
            and what.hold and what.kind = 'message' and what.priority > 1 and at > what.created_at + interval '1 minute'
            and jsonb_typeof(x.settings -> 'quiet_hours') = 'object'
$$;

-- What a lane sends next, locked. While its breaker is open that is what has failed least often; and as long as it is open
-- for the sake of one message alone, another one.
create function delivery.due_of_lane(lane delivery.lane, most integer) returns setof delivery.delivery
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
begin
    if lane.open_until is null then
        return query select d.* from delivery.delivery d
            where d.tenant = lane.tenant and d.destination = lane.destination and d.state = 'waiting' and d.due_at <= now
            order by d.priority, d.due_at limit most for update skip locked;
    else
        return query select d.* from delivery.delivery d
            where d.tenant = lane.tenant and d.destination = lane.destination and d.state = 'waiting' and d.due_at <= now
                and (lane.open_until <= now or d.delivery <> lane.failing)
            order by d.attempts, d.priority, d.due_at limit most for update skip locked;
    end if;
end
$$;

create or replace function delivery.claim_of_lane(lane delivery.lane, rate double precision, burst double precision,
                                                  of_holder uuid, most integer, lane_most integer, lease interval)
returns setof delivery.claimed
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    ready constant double precision := least(burst, lane.tokens
        + rate * extract(epoch from least(now - greatest(lane.filled_at, now - interval '1 day'), interval '1 day')));
    under_way integer;
    allowed integer;
    taken integer := 0;
    due delivery.delivery;
    made delivery.claimed;
    quiet_end timestamptz;
begin
    select count(*) into strict under_way from delivery.delivery d
        where d.tenant = lane.tenant and d.destination = lane.destination and d.state = 'sending';
    allowed := least(floor(ready)::integer, lane_most - under_way, most);
    -- While the breaker is open one goes to see whether it works again.
    if lane.open_until is not null then
        allowed := least(allowed, 1 - under_way);
    end if;
    for due in select * from delivery.due_of_lane(lane, greatest(allowed, 0)) loop
        -- A parent is there before what replies to it.
        continue when due.story_kind is not null and exists (select from delivery.delivery d
            where d.tenant = due.tenant and d.destination = due.destination and d.state = 'sending'
                and d.story_kind = due.story_kind and d.story_id = due.story_id);
        if delivery.is_superseded(due) then
            update delivery.delivery d set state = 'discarded', due_at = null, settled_at = now, settled_by = 'tollgate',
                    reason = 'what it tells was overtaken: something newer of the same story has been said'
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
        made := (due.tenant, due.delivery, due.destination, gen_random_uuid(), due.attempts + 1);
        insert into delivery.attempt (tenant, attempt, delivery, number, holder)
            values (made.tenant, made.attempt, made.delivery, made.number, of_holder);
        update delivery.delivery d set state = 'sending', due_at = null, attempt = made.attempt,
                claimed_until = now + lease, attempts = made.number, first_tried_at = coalesce(d.first_tried_at, now),
                stood_still_before = coalesce(d.stood_still_before, lane.stood_still
                    + coalesce(now - lane.still_since, interval '0')),
                held_back = d.held_back or now - due.due_at > interval '15 minutes'
            where d.tenant = due.tenant and d.delivery = due.delivery;
        taken := taken + 1;
        return next made;
    end loop;
    update delivery.lane l set tokens = ready - taken, filled_at = now,
            served_at = case when taken > 0 then now else l.served_at end
        where l.tenant = lane.tenant and l.destination = lane.destination;
end
$$;

-- From the lanes in turn, the one that has waited longest first; what another sender has at hand is passed over. So many
-- calls are kept for lanes that answer quickly.
create function delivery.claim(of_holder uuid, most integer, lane_most integer, lease interval, kept integer)
returns setof delivery.claimed
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    left_over integer := most;
    open_lane record;
    made delivery.claimed;
begin
    for open_lane in
        select l as lane, coalesce((x.settings ->> 'messages_per_second')::double precision, 1) as rate,
                greatest(coalesce((x.settings ->> 'burst')::double precision, 3), 1) as burst,
                l.broken_at is not null as was_broken, case when l.is_slow then kept else 0 end as not_for_it
            from delivery.lane l join tenants.destination x using (tenant, destination)
                join tenants.tenant t using (tenant)
            where x.disabled_at is null and t.disabled_at is null and coalesce(l.paused_until <= now, true)
                and (coalesce(l.open_until <= now, true) or l.failing is not null)
                and (l.broken_at is null or x.secret_since > l.broken_at)
                and exists (select from delivery.delivery d
                            where d.tenant = l.tenant and d.destination = l.destination and d.state = 'waiting'
                                and d.due_at <= now and (coalesce(l.open_until <= now, true) or d.delivery <> l.failing))
            order by l.served_at for update of l skip locked
    loop
        exit when left_over <= 0;
        if open_lane.was_broken then
            -- It has another secret since.
            perform delivery.mend((open_lane.lane).tenant, (open_lane.lane).destination);
            continue;
        end if;
        for made in select * from delivery.claim_of_lane(open_lane.lane, open_lane.rate, open_lane.burst, of_holder,
                                                         left_over - open_lane.not_for_it, lane_most, lease)
        loop
            left_over := left_over - 1;
            return next made;
        end loop;
    end loop;
end
$$;

create or replace function delivery.claim(of_holder uuid, most integer, lane_most integer, lease interval)
returns setof delivery.claimed
language sql set search_path = pg_catalog, pg_temp as $$
    select * from delivery.claim(of_holder, most, lane_most, lease, 0)
$$;

-- Where one message alone had failed and another one goes, the lane was not standing still, unless it was broken.
create or replace function delivery.mend(of_tenant uuid, of_destination uuid) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    update delivery.lane l set failures = 0, opened = 0, open_until = null, failing = null, paused_until = null,
            pause_reason = null, confirm_from = null, broken_at = null, broken_reason = null, still_since = null,
            stood_still = l.stood_still
                + case when l.failing is not null and num_nonnulls(l.broken_at, l.confirm_from) = 0 then interval '0'
                       else coalesce(clock_timestamp() - l.still_since, interval '0') end
        where l.tenant = of_tenant and l.destination = of_destination
$$;

revoke execute on all functions in schema delivery from public;
grant execute on function delivery.is_superseded(delivery.delivery), delivery.quiet_for(delivery.delivery, timestamptz),
    delivery.due_of_lane(delivery.lane, integer), delivery.claim(uuid, integer, integer, interval, integer)
    to tollgate_delivery;
