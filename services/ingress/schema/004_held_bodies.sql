-- release 1
-- A held event outlives its day: its row is taken aside before the day is dropped, and comes back when it is released.
-- So one that nobody decides on keeps one row, and not a day of all tenants.

alter table ingress.held add column kept jsonb;   -- as a row of archive.event, with its own slice for a body

-- What is taken aside is no decision of an operator's.
drop trigger audited on ingress.held;
create constraint trigger audited after update of state on ingress.held
    deferrable initially deferred for each row execute function tenants.require_audit();

create or replace function ingress.drop_days(horizon_days integer) returns table (day date, kept_because text)
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
        if not exists (select from journal.reader) then
            kept_because := 'nobody is registered to read the journal, so nobody has seen its events';
        elsif exists (select from journal.entry e where e.event_id >= first_id and e.event_id < next_id) then
            kept_because := 'the journal has entries for its events: `tollgate reader list` shows who is behind';
        else
            begin
                update ingress.held h
                    set kept = to_jsonb(e) || '{"body_of": null, "body_offset": null, "body_length": null}'
                    from archive.read_events(array(
                            select o.event_id from ingress.held o
                                where o.state = 'held' and o.event_id >= first_id and o.event_id < next_id)) e
                    where h.tenant = e.tenant and h.event_id = e.id;
                execute format('drop table archive.%I', partition);
                kept_because := null;
            exception
                when lock_not_available then kept_because := 'busy';
            end;
        end if;
        return next;
        exit when kept_because is null;  -- one at a time: its lock is held until the end of the transaction
    end loop;
end
$$;

-- Of held events that are released in this transaction: those whose day was dropped are put back.
create function ingress.bring_back(events uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform archive.make_day(d.day)
        from (select distinct archive.day_of(h.event_id) as day from ingress.held h
                  where h.event_id = any(events) and h.kept is not null) d;
    insert into archive.event
        select e.* from ingress.held h cross join lateral jsonb_populate_record(null::archive.event, h.kept) e
            where h.event_id = any(events) and h.kept is not null
        on conflict do nothing;
    update ingress.held h set kept = null where h.event_id = any(events) and h.kept is not null;
end
$$;

-- What came with a held event, and with the one that it conflicts with unless that one's day was dropped.
create function ingress.held_bodies(wanted uuid) returns table (event_id uuid, headers bytea, body bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with held as (select h.* from ingress.held h where h.event_id = wanted)
    select e.id, e.headers, e.body
        from held h cross join lateral archive.read_events(array[h.event_id, h.conflicts_with]) e
        where e.tenant = h.tenant
    union all
    select e.id, e.headers, e.body
        from held h cross join lateral jsonb_populate_record(null::archive.event, h.kept) e
        where h.kept is not null
$$;

revoke execute on function ingress.bring_back(uuid[]), ingress.held_bodies(uuid) from public;
grant execute on function ingress.bring_back(uuid[]), ingress.held_bodies(uuid) to tollgate_operator, tollgate_console;
