-- release 1
-- What is a failure of the destination, and which of them come in a row.

alter table delivery.lane add column opened_at timestamptz;     -- when the breaker last opened

-- As in 008. The breaker opens again, and for longer, by what was tried after it had opened: twenty calls that were under
-- way when a destination went away are one sign of it, and not twenty. Nor is a call that never left us a sign.
create or replace function delivery.note_in_lane(of_tenant uuid, of_destination uuid, what delivery.settled) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    now constant timestamptz := clock_timestamp();
    lane delivery.lane;
    tried delivery.attempt;
    was_slow boolean;
    opens boolean;
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
    elsif what.outcome in ('retry', 'unknown') and what.code is distinct from 'not_called'
            and (lane.open_until is null or tried.started_at >= coalesce(lane.opened_at, '-infinity')) then
        opens := lane.failures + 1 >= 5;
        update delivery.lane l set failures = l.failures + 1,
                failing = case when l.failures = 0 or l.failing = tried.delivery then tried.delivery end,
                opened = l.opened + case when opens then 1 else 0 end,
                opened_at = case when opens then now else l.opened_at end,
                open_until = case when opens
                    then now + least(interval '30 seconds' * power(2, least(l.opened, 10)), interval '15 minutes')
                        * (0.75 + random() / 2) end,
                still_since = case when opens then coalesce(l.still_since, now) else l.still_since end
            where l.tenant = of_tenant and l.destination = of_destination;
    end if;
end
$$;
