-- release 1
-- Whatever is tried again and again comes to an end.

-- By its age, which stands still while its lane does. Where one message alone has failed, nothing shows whether it is the
-- destination or the message: an outage that nobody else has met is waited for as well, but for four times the age and no
-- longer.
create or replace function delivery.is_given_up(what delivery.delivery, age_max interval) returns boolean
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

-- As in 007. Where one message alone had failed and another one goes, the lane was not standing still, unless it was
-- broken.
create or replace function delivery.mend(of_tenant uuid, of_destination uuid) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    update delivery.lane l set failures = 0, opened = 0, open_until = null, failing = null, paused_until = null,
            pause_reason = null, confirm_from = null, broken_at = null, broken_reason = null, still_since = null,
            stood_still = l.stood_still
                + case when l.failing is not null and num_nonnulls(l.broken_at, l.confirm_from) = 0 then interval '0'
                       else coalesce(clock_timestamp() - l.still_since, interval '0') end
        where l.tenant = of_tenant and l.destination = of_destination
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

-- As in 008. Of what was one too many for its destination the age counts too.
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
