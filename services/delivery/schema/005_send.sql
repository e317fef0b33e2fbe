-- release 1
-- The queue of messages as a sender takes it. All times are the database's.

create type delivery.claimed as (tenant uuid, delivery uuid, destination uuid, attempt uuid, number integer);

-- Takes what is due of one lane, as fast as that lane may go. The lane's row is locked.
create function delivery.claim_of_lane(lane delivery.lane, rate double precision, burst double precision, of_holder uuid,
                                       most integer, lane_most integer, lease interval)
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
begin
    select count(*) into strict under_way from delivery.delivery d
        where d.tenant = lane.tenant and d.destination = lane.destination and d.state = 'sending';
    allowed := least(floor(ready)::integer, lane_most - under_way, most);
    -- While the breaker is open one goes to see whether it works again.
    if lane.open_until is not null then
        allowed := least(allowed, 1 - under_way);
    end if;
    for due in
        select * from delivery.delivery d
            where d.tenant = lane.tenant and d.destination = lane.destination and d.state = 'waiting' and d.due_at <= now
            order by d.priority, d.due_at limit greatest(allowed, 0) for update skip locked
    loop
        -- A parent is there before what replies to it.
        continue when due.story_kind is not null and exists (select from delivery.delivery d
            where d.tenant = due.tenant and d.destination = due.destination and d.state = 'sending'
                and d.story_kind = due.story_kind and d.story_id = due.story_id);
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

-- From the lanes in turn, the one that has waited longest first; what another sender has at hand is passed over.
create function delivery.claim(of_holder uuid, most integer, lane_most integer, lease interval)
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
                l.broken_at is not null as was_broken
            from delivery.lane l join tenants.destination x using (tenant, destination)
                join tenants.tenant t using (tenant)
            where x.disabled_at is null and t.disabled_at is null and coalesce(l.paused_until <= now, true)
                and coalesce(l.open_until <= now, true) and (l.broken_at is null or x.secret_since > l.broken_at)
                and exists (select from delivery.delivery d
                            where d.tenant = l.tenant and d.destination = l.destination and d.state = 'waiting'
                                and d.due_at <= now)
            order by l.served_at for update of l skip locked
    loop
        exit when left_over <= 0;
        if open_lane.was_broken then
            -- It has another secret since.
            perform delivery.mend((open_lane.lane).tenant, (open_lane.lane).destination);
            continue;
        end if;
        for made in select * from delivery.claim_of_lane(open_lane.lane, open_lane.rate, open_lane.burst, of_holder,
                                                         left_over, lane_most, lease)
        loop
            left_over := left_over - 1;
            return next made;
        end loop;
    end loop;
end
$$;

-- A lane goes again: the ages of what waits for it go on from here.
create function delivery.mend(of_tenant uuid, of_destination uuid) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    update delivery.lane l set failures = 0, opened = 0, open_until = null, paused_until = null, pause_reason = null,
            confirm_from = null, broken_at = null, broken_reason = null, still_since = null,
            stood_still = l.stood_still + coalesce(clock_timestamp() - l.still_since, interval '0')
        where l.tenant = of_tenant and l.destination = of_destination
$$;

-- Attempts whose time is over without an outcome: what they were about may have arrived. Once more then, marked; after
-- a second one of that kind a person decides. What only changes a message that is there may be done again and again.
create function delivery.lapse() returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    lapsed delivery.delivery;
    gone bigint := 0;
    because constant text := 'the sender ended, or was stopped, before it had noted what came of the call';
begin
    for lapsed in
        select * from delivery.delivery d where d.state = 'sending' and d.claimed_until < clock_timestamp()
            for update skip locked
    loop
        update delivery.attempt a set outcome = 'unknown', ended_at = clock_timestamp(), reason = because
            where a.tenant = lapsed.tenant and a.attempt = lapsed.attempt and a.outcome is null;
        perform delivery.after_unknown(lapsed, because);
        gone := gone + 1;
    end loop;
    return gone;
end
$$;

create function delivery.after_unknown(what delivery.delivery, because text) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    again constant boolean := what.kind = 'update' or not what.may_be_repeat;
begin
    update delivery.delivery d set state = case when again then 'waiting' else 'unknown' end,
            due_at = case when again then clock_timestamp() end, attempt = null, claimed_until = null,
            settled_at = case when again then null else clock_timestamp() end, reason = because,
            may_be_repeat = d.may_be_repeat or d.kind <> 'update'
        where d.tenant = what.tenant and d.delivery = what.delivery;
    return case when again then 'waiting' else 'unknown' end;
end
$$;

create type delivery.settled as (
    attempt uuid, outcome text, reason text, code text, after interval, pauses boolean, channel text, ts text,
    headline text);

-- What an outcome means for its lane. Five failures in a row open the breaker, for longer each time.
create function delivery.note_in_lane(of_tenant uuid, of_destination uuid, what delivery.settled) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    lane delivery.lane;
begin
    select * into strict lane from delivery.lane l
        where l.tenant = of_tenant and l.destination = of_destination for update;
    if what.outcome = 'delivered' then
        if lane.failures > 0 or lane.confirm_from is not null or lane.broken_at is not null
                or lane.still_since is not null then
            perform delivery.mend(of_tenant, of_destination);
        end if;
    elsif what.outcome in ('reconnect', 'refresh_token')
            or (what.outcome = 'confirm' and exists (select from delivery.attempt a
                where a.tenant = of_tenant and a.attempt = what.attempt and a.started_at >= lane.confirm_from)) then
        update delivery.lane l set broken_at = now, broken_reason = coalesce(what.reason, 'it takes nothing any more'),
                still_since = coalesce(l.still_since, now)
            where l.tenant = of_tenant and l.destination = of_destination and l.broken_at is null;
    elsif what.outcome = 'confirm' then
        update delivery.lane l set confirm_from = coalesce(l.confirm_from, now + coalesce(what.after, interval '5 minutes')),
                paused_until = now + coalesce(what.after, interval '5 minutes'), pause_reason = what.reason,
                still_since = coalesce(l.still_since, now)
            where l.tenant = of_tenant and l.destination = of_destination;
    elsif what.outcome = 'retry' and what.pauses then
        update delivery.lane l set paused_until = greatest(l.paused_until, now + coalesce(what.after, interval '1 minute')),
                pause_reason = what.reason
            where l.tenant = of_tenant and l.destination = of_destination;
    elsif what.outcome in ('retry', 'unknown') then
        update delivery.lane l set failures = l.failures + 1,
                opened = l.opened + case when l.failures + 1 >= 5 then 1 else 0 end,
                open_until = case when l.failures + 1 >= 5
                    then now + least(interval '30 seconds' * power(2, least(l.opened, 10)), interval '15 minutes')
                        * (0.75 + random() / 2) end,
                still_since = case when l.failures + 1 >= 5 then coalesce(l.still_since, now) else l.still_since end
            where l.tenant = of_tenant and l.destination = of_destination;
    end if;
end
$$;

-- The outcome of an attempt, whoever holds its delivery by now. Gives the state that the delivery is in.
create function delivery.settle(what delivery.settled, age_max interval, backoff interval)
returns table (tenant uuid, delivery uuid, destination uuid, state text, attempts integer, reason text, kind text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    tried delivery.attempt;
    known delivery.delivery;
    is_mine boolean;
    next_state text;
    next_due timestamptz;
    because text := nullif(what.reason, '');
    age interval;
begin
    select * into strict tried from delivery.attempt a where a.attempt = what.attempt;
    select d.destination into strict settle.destination from delivery.delivery d
        where d.tenant = tried.tenant and d.delivery = tried.delivery;
    perform delivery.note_in_lane(tried.tenant, settle.destination, what);
    select * into strict known from delivery.delivery d
        where d.tenant = tried.tenant and d.delivery = tried.delivery for update;
    update delivery.attempt a set outcome = what.outcome, ended_at = now, reason = because, code = nullif(what.code, '')
        where a.tenant = tried.tenant and a.attempt = tried.attempt
            and (a.outcome is null or (a.outcome = 'unknown' and what.outcome <> 'unknown'));
    is_mine := known.state = 'sending' and known.attempt = tried.attempt;
    if what.outcome = 'delivered' and (is_mine or known.state in ('waiting', 'unknown')) then
        next_state := 'delivered';
        because := null;
    elsif not is_mine then
        -- It is somebody else's by now, or settled: only the attempt's own row says what came of it.
        next_state := null;
    elsif exists (select from delivery.attempt a where a.tenant = tried.tenant and a.delivery = tried.delivery
                      and a.outcome = 'delivered') then
        next_state := 'delivered';
        because := null;
    elsif what.outcome = 'unknown' then
        next_state := delivery.after_unknown(known, because);
    elsif what.outcome = 'dead' or (what.outcome = 'retry_as_text' and known.as_text)
            or (what.outcome = 'retry_top_level' and known.at_top) then
        next_state := 'dead';
    elsif what.outcome = 'reply_instead' then
        -- The message cannot be changed any more, and what is new stands in its thread.
        next_state := 'delivered';
    elsif what.outcome = 'retry' and not what.pauses then
        select now - known.first_tried_at
                - (l.stood_still + coalesce(now - l.still_since, interval '0') - known.stood_still_before)
            into strict age from delivery.lane l
            where l.tenant = tried.tenant and l.destination = known.destination;
        next_state := case when age >= age_max then 'dead' else 'waiting' end;
        next_due := now + coalesce(what.after, backoff);
        if next_state = 'dead' then
            because := format('%s (given up after %s attempts in %s)', because, known.attempts,
                              date_trunc('second', now - known.first_tried_at));
        end if;
    else
        next_state := 'waiting';
        next_due := now;
    end if;
    if next_state is not null and what.outcome <> 'unknown' or next_state = 'delivered' then
        update delivery.delivery d set state = next_state,
                due_at = case when next_state = 'waiting' then coalesce(next_due, now) end, attempt = null,
                claimed_until = null, settled_at = case when next_state <> 'waiting' then now end,
                reason = coalesce(because, case when next_state = 'dead' then 'it was refused' end),
                as_text = d.as_text or what.outcome = 'retry_as_text',
                at_top = d.at_top or what.outcome = 'retry_top_level',
                headline = coalesce(nullif(what.headline, ''), d.headline),
                posted_channel = coalesce(nullif(what.channel, ''), d.posted_channel),
                posted_ts = coalesce(nullif(what.ts, ''), d.posted_ts)
            where d.tenant = tried.tenant and d.delivery = tried.delivery;
    end if;
    return query select d.tenant, d.delivery, d.destination, coalesce(next_state, 'kept'), d.attempts, d.reason, d.kind
        from delivery.delivery d where d.tenant = tried.tenant and d.delivery = tried.delivery;
end
$$;

-- What was said long ago, and what it was said of. What nobody has dealt with stays, and so does what may still be
-- replayed.
create function delivery.forget(at_most integer) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    old constant timestamptz := clock_timestamp() - interval '40 days';
    gone bigint;
begin
    with done as (
        select d.tenant, d.delivery from delivery.delivery d
            where d.state in ('delivered', 'discarded') and d.settled_at < old limit at_most for update skip locked
    )
    delete from delivery.delivery d using done where d.tenant = done.tenant and d.delivery = done.delivery;
    get diagnostics gone = row_count;
    delete from delivery.event e where (e.tenant, e.event_id) in (
        select o.tenant, o.event_id from delivery.event o where o.planned_at < old
            and not exists (select from delivery.delivery_event d where d.tenant = o.tenant and d.event_id = o.event_id)
            limit at_most);
    delete from delivery.fact_name n where (n.tenant, n.provider, n.is_test, n.name) in (
        select o.tenant, o.provider, o.is_test, o.name from delivery.fact_name o
            where o.occurrence = 0 and o.at < old and not exists (select from delivery.fact_name m
                where m.tenant = o.tenant and m.provider = o.provider and m.is_test = o.is_test and m.name = o.name
                    and m.at >= old) limit at_most)
        and not exists (select from delivery.event e where e.tenant = n.tenant and e.fact = n.fact);
    delete from delivery.story s where s.last_at < old;
    delete from delivery.storm s where s.last_at < old;
    return gone;
end
$$;

revoke execute on all functions in schema delivery from public;
grant usage on type delivery.claimed, delivery.settled to tollgate_delivery;
grant execute on function
    delivery.claim_of_lane(delivery.lane, double precision, double precision, uuid, integer, integer, interval),
    delivery.claim(uuid, integer, integer, interval), delivery.lapse(), delivery.forget(integer),
    delivery.after_unknown(delivery.delivery, text), delivery.note_in_lane(uuid, uuid, delivery.settled),
    delivery.settle(delivery.settled, interval, interval) to tollgate_delivery;
grant execute on function delivery.mend(uuid, uuid) to tollgate_delivery, tollgate_operator, tollgate_console;
