-- release 1
-- A held event outlives its day: its row is taken aside before the day is dropped, and comes back when it is released.
-- So one that nobody decides on keeps one row, and not a day of all tenants.

alter table ingress.held add column kept jsonb;   -- as a row of archive.event, with its own slice for a body

-- As with what operators change elsewhere. What is taken aside is no decision of theirs.
create constraint trigger audited after update of state, settled_at, settled_by on ingress.held
    deferrable initially deferred for each row execute function tenants.require_audit();

-- Takes aside what is held of these ids and is not yet, a few hundred rows at a time; gives how many these were.
create function ingress.take_aside(first_id uuid, next_id uuid) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    taken bigint;
begin
    update ingress.held h
        set kept = to_jsonb(e) || '{"body_of": null, "body_offset": null, "body_length": null}'
        from archive.read_events(array(
                select o.event_id from ingress.held o
                    where o.state = 'held' and o.kept is null and o.event_id >= first_id and o.event_id < next_id
                    limit 200)) e
        where h.tenant = e.tenant and h.event_id = e.id and h.state = 'held';
    get diagnostics taken = row_count;
    return taken;
end
$$;

-- Drops the days that are older than the horizon and that nobody needs any more; says of each what became of it. A day
-- is needed as long as nobody reads the journal, or it has an entry for one of the day's events, or one of them is a
-- dead letter of a reader's.
drop function ingress.drop_days(integer);
create function ingress.drop_days(horizon_days integer)
returns table (day date, kept_because text, progress text)  -- dropped, partly, busy or none
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    partition text;
    first_id uuid;
    next_id uuid;
begin
    if horizon_days < 1 then
        raise exception 'a horizon of % days is none', horizon_days using errcode = '22023';
    end if;
    -- Whoever wants to write an event meanwhile waits behind us.
    perform set_config('lock_timeout', '50ms', true);
    -- The owner sees the held ones of all tenants.
    perform set_config('tollgate.tenant', '*', true);
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'archive.event'::regclass order by c.relname
    loop
        day := to_date(right(partition, 8), 'YYYYMMDD');
        exit when day >= (now() at time zone 'UTC')::date - horizon_days;
        first_id := archive.first_id_of(day);
        next_id := archive.first_id_of(day + 1);
        progress := 'none';
        if not exists (select from journal.reader) then
            kept_because := 'nobody is registered to read the journal, so nobody has seen its events';
        else
            begin
                -- A release changes the row before it appends the entry: it is seen here, or waits, or has an entry.
                perform from ingress.held h
                    where h.state = 'held' and h.event_id >= first_id and h.event_id < next_id for update;
                if exists (select from journal.entry e where e.event_id >= first_id and e.event_id < next_id) then
                    kept_because :=
                        'the journal has entries for its events: `tollgate reader list` shows who is behind';
                elsif exists (select from journal.refused r where r.event_id >= first_id and r.event_id < next_id) then
                    kept_because := 'events of it are dead letters in journal.refused';
                elsif ingress.take_aside(first_id, next_id) > 0 then
                    kept_because := 'held events of it are being taken aside';
                    progress := 'partly';
                else
                    execute format('drop table archive.%I', partition);
                    kept_because := null;
                    progress := 'dropped';
                end if;
            exception
                when lock_not_available then
                    kept_because := 'somebody reads its events, or settles one that is held';
                    progress := 'busy';
            end;
        end if;
        return next;
        -- One at a time: its lock is held until the end of the transaction.
        exit when progress in ('dropped', 'partly');
    end loop;
end
$$;

-- Of events that were settled in this transaction: what was released comes back if its day was dropped, and nothing
-- stays aside.
create function ingress.settle_kept(events uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform archive.make_any_day(d.day)
        from (select distinct archive.day_of(h.event_id) as day from ingress.held h
                  where h.event_id = any(events) and h.kept is not null and h.state = 'released'
                      and tenants.sees(h.tenant)) d;
    insert into archive.event
        select e.* from ingress.held h cross join lateral jsonb_populate_record(null::archive.event, h.kept) e
            where h.event_id = any(events) and h.kept is not null and h.state = 'released' and tenants.sees(h.tenant)
        on conflict do nothing;
    update ingress.held h set kept = null
        where h.event_id = any(events) and h.kept is not null and h.state <> 'held' and tenants.sees(h.tenant);
end
$$;

-- What came with a held event, and with the one that it conflicts with unless that one's day was dropped.
create function ingress.held_bodies(wanted uuid) returns table (event_id uuid, headers bytea, body bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with held as (select h.* from ingress.held h where h.event_id = wanted and tenants.sees(h.tenant))
    select e.id, e.headers, e.body
        from held h cross join lateral archive.read_events(array[h.event_id, h.conflicts_with]) e
        where e.tenant = h.tenant
    union all
    select e.id, e.headers, e.body
        from held h cross join lateral jsonb_populate_record(null::archive.event, h.kept) e
        where h.kept is not null
$$;

revoke execute on function ingress.drop_days(integer), ingress.take_aside(uuid, uuid), ingress.settle_kept(uuid[]),
    ingress.held_bodies(uuid) from public;
grant execute on function ingress.drop_days(integer) to tollgate_ingress;
grant execute on function ingress.settle_kept(uuid[]), ingress.held_bodies(uuid)
    to tollgate_operator, tollgate_console;

-- All but what is kept: bytes are read by the function, whose caller leaves word in the audit log.
revoke select on ingress.held from tollgate_operator, tollgate_console;
grant select (tenant, event_id, source, provider, type, provider_event_id, conflicts_with, reason, held_at, state,
              settled_at, settled_by) on ingress.held to tollgate_operator, tollgate_console;
