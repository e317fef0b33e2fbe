-- release 1
-- What an outcome means for its lane and its message.

-- Five failures in a row open the breaker, for longer each time.
create or replace function delivery.note_in_lane(of_tenant uuid, of_destination uuid, what delivery.settled) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    lane delivery.lane;
    tried delivery.attempt;
    was_slow boolean;
begin
    select * into strict lane from delivery.lane l
        where l.tenant = of_tenant and l.destination = of_destination for update;
    select * into strict tried from delivery.attempt a where a.tenant = of_tenant and a.attempt = what.attempt;
    was_slow := now - tried.started_at > interval '2 seconds';
    if lane.is_slow <> was_slow then
        update delivery.lane l set is_slow = was_slow where l.tenant = of_tenant and l.destination = of_destination;
    end if;
    if what.outcome = 'delivered' then
        if lane.failures > 0 or lane.confirm_from is not null or lane.broken_at is not null
                or lane.still_since is not null then
            perform delivery.mend(of_tenant, of_destination);
            update delivery.lane l set went_again_at = now where l.tenant = of_tenant and l.destination = of_destination;
        end if;
    elsif what.outcome in ('reconnect', 'refresh_token')
            or (what.outcome = 'confirm' and tried.started_at >= lane.confirm_from) then
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
                failing = case when l.failures = 0 or l.failing = tried.delivery then tried.delivery end,
                opened = l.opened + case when l.failures + 1 >= 5 then 1 else 0 end,
                open_until = case when l.failures + 1 >= 5
                    then now + least(interval '30 seconds' * power(2, least(l.opened, 10)), interval '15 minutes')
                        * (0.75 + random() / 2) end,
                still_since = case when l.failures + 1 >= 5 then coalesce(l.still_since, now) else l.still_since end
            where l.tenant = of_tenant and l.destination = of_destination;
    end if;
end
$$;

-- Whether a message that failed once more is given up: by its age, which stands still while its lane does; or because it
-- has failed so often although its lane took others. Where one message alone has failed, nothing shows whether it is the
-- destination or the message: an outage that nobody else has met is waited for as well, but for four times the age and no
-- longer.
create function delivery.is_given_up(what delivery.delivery, age_max interval) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select a.age - a.still >= age_max
            or l.failing = what.delivery and a.age >= 4 * age_max
            or what.attempts >= 50 and coalesce(l.went_again_at > what.first_tried_at, false)
        from delivery.lane l
        cross join lateral (select coalesce(clock_timestamp() - l.still_since, interval '0') as still,
                                   clock_timestamp() - what.first_tried_at
                                       - (l.stood_still - what.stood_still_before) as age) a
        where l.tenant = what.tenant and l.destination = what.destination
$$;

-- As in 005. A change of a message that is there may be made again and again, and not for ever: somebody looks at it
-- then.
create or replace function delivery.after_unknown(what delivery.delivery, because text) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    again constant boolean := case when what.kind = 'update' then what.attempts < 50 else not what.may_be_repeat end;
begin
    update delivery.delivery d set state = case when again then 'waiting' else 'unknown' end,
            due_at = case when again then clock_timestamp() end, attempt = null, claimed_until = null,
            settled_at = case when again then null else clock_timestamp() end, reason = because,
            may_be_repeat = d.may_be_repeat or d.kind <> 'update'
        where d.tenant = what.tenant and d.delivery = what.delivery;
    return case when again then 'waiting' else 'unknown' end;
end
$$;

create or replace function delivery.settle(what delivery.settled, age_max interval, backoff interval)
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
    elsif what.outcome = 'retry' then
        next_state := case when delivery.is_given_up(known, age_max) then 'dead' else 'waiting' end;
        -- Of what was one too many for its destination the age counts too.
        next_due := case when what.pauses then now else now + coalesce(what.after, backoff) end;
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
-- replayed. Gives the largest number of rows of one kind: where that is the most, there may be more.
create or replace function delivery.forget(at_most integer) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    old constant timestamptz := clock_timestamp() - interval '40 days';
    deliveries bigint;
    events bigint;
    names bigint;
begin
    with done as (
        select d.tenant, d.delivery from delivery.delivery d
            where d.state in ('delivered', 'discarded') and d.settled_at < old limit at_most for update skip locked
    )
    delete from delivery.delivery d using done where d.tenant = done.tenant and d.delivery = done.delivery;
    get diagnostics deliveries = row_count;
    delete from delivery.event e where (e.tenant, e.event_id) in (
        select o.tenant, o.event_id from delivery.event o where o.planned_at < old
            and not exists (select from delivery.delivery_event d where d.tenant = o.tenant and d.event_id = o.event_id)
            limit at_most);
    get diagnostics events = row_count;
    -- Each name with all the times that it was told; but for one of which an event is left.
    with told as (
        select o.tenant, o.provider, o.is_test, o.name from delivery.fact_name o
            where o.occurrence = 0 and o.at < old
                and not exists (select from delivery.fact_name m
                    where m.tenant = o.tenant and m.provider = o.provider and m.is_test = o.is_test and m.name = o.name
                        and (m.at >= old or exists (select from delivery.event e
                                                    where e.tenant = m.tenant and e.fact = m.fact)))
            limit at_most
    )
    delete from delivery.fact_name n using told
        where n.tenant = told.tenant and n.provider = told.provider and n.is_test = told.is_test and n.name = told.name;
    get diagnostics names = row_count;
    delete from delivery.story s where s.last_at < old;
    delete from delivery.storm s where s.last_at < old;
    return greatest(deliveries, events, names);
end
$$;

revoke execute on all functions in schema delivery from public;
grant execute on function delivery.is_given_up(delivery.delivery, interval) to tollgate_delivery;
