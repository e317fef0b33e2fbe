-- release 1
-- What the relay could not put on the bus and an operator has given up: nobody waits for it, and nothing is kept for it.

-- As in 008, and what was given up is missing nowhere; a consumer that has got a copy does not cover for one that has
-- got none.
create or replace function ingress.books_of(hour timestamptz, settled timestamptz, counted timestamptz)
returns table (tenant uuid, what text, consumer text, number bigint, old_number bigint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    first_id constant uuid := consumer.first_id_at(hour);
    next_id constant uuid := consumer.first_id_at(hour + interval '1 hour');
    old_id constant uuid := consumer.first_id_at(settled);
    each consumer.consumer;
begin
    return query
        select c.* from (
            select e.tenant, 'stored', null::text, count(*), count(*) filter (where e.id < old_id)
                from archive.event e where e.id >= first_id and e.id < next_id group by e.tenant) c(tenant)
            where tenants.sees(c.tenant);
    if counted > hour then
        return query
            select e.tenant, 'countable', null::text, count(*), count(*) filter (where e.id < old_id)
                from archive.event e
                where e.id >= consumer.first_id_at(counted) and e.id < next_id and tenants.sees(e.tenant)
                group by e.tenant;
    end if;
    return query
        select e.tenant, 'withheld', null::text, count(*), count(*) filter (where e.id < old_id)
            from archive.withheld w join archive.event e on e.id = w.event_id
            where w.event_id >= first_id and w.event_id < next_id and tenants.sees(e.tenant)
                and e.id >= first_id and e.id < next_id
            group by e.tenant;
    return query
        select c.* from (
            select p.tenant, 'payments', null::text, count(*), count(*) filter (where p.id < old_id)
                from archive.payment_event p where p.id >= first_id and p.id < next_id group by p.tenant) c(tenant)
            where tenants.sees(c.tenant);
    return query
        select p.tenant, 'published ' || p.topic, null::text, sum(p.records), sum(p.again)
            from journal.published p
            where p.hour = books_of.hour and p.topic in ('raw', 'payment') and tenants.sees(p.tenant)
            group by p.tenant, p.topic;
    return query
        select r.tenant, 'refused ' || r.topic, null::text, count(*), count(*)
            from journal.refused r
            where r.event_id >= first_id and r.event_id < next_id and r.topic in ('raw', 'payment')
                and r.discarded_at is null and tenants.sees(r.tenant)
            group by r.tenant, r.topic;
    -- What is not among the records because of that, whether it was given up or not. One that repeats another is among
    -- them.
    return query
        select r.tenant, 'unpublishable ' || r.topic, null::text, count(distinct r.event_id),
                count(distinct r.event_id) filter (where r.event_id < old_id)
            from journal.refused r
            where r.event_id >= first_id and r.event_id < next_id and r.topic in ('raw', 'payment')
                and not coalesce(r.headers ? 'again', false) and tenants.sees(r.tenant)
            group by r.tenant, r.topic;
    for each in select * from consumer.consumer c where c.since < next_id order by c.name loop
        return query
            select i.tenant, 'taken', each.name, count(*), count(*) filter (where i.message_id < old_id)
                from consumer.inbox i
                where i.consumer = each.name and i.message_id >= greatest(first_id, each.since)
                    and i.message_id < next_id and tenants.sees(i.tenant)
                group by i.tenant;
        return query
            select w.tenant, w.state, each.name, count(*), count(*) filter (where w.since < settled)
                from consumer.work w
                where w.consumer = each.name and w.message_id >= first_id and w.message_id < next_id
                    and w.state in ('retrying', 'held', 'dead') and tenants.sees(w.tenant)
                group by w.tenant, w.state;
        -- It does not wait for what the relay could not put on the bus.
        return query
            select r.tenant, 'refused', each.name, count(distinct r.event_id),
                    count(distinct r.event_id) filter (where r.event_id < old_id)
                from journal.refused r
                where r.event_id >= greatest(first_id, each.since) and r.event_id < next_id and r.topic = each.input
                    and r.discarded_at is null and tenants.sees(r.tenant)
                    and not exists (select from consumer.inbox i
                                    where i.consumer = each.name and i.message_id = r.event_id
                                        and i.message_id >= first_id and i.message_id < next_id)
                group by r.tenant;
        -- What came before it was registered is none of its business.
        continue when each.since <= first_id;
        return query
            select e.tenant, 'not due', each.name, count(*), count(*) filter (where e.id < old_id)
                from archive.event e
                where e.id >= first_id and e.id < each.since and tenants.sees(e.tenant)
                    and not exists (select from archive.withheld w where w.event_id = e.id)
                    and (each.input <> 'payment' or exists (select from archive.payment_event p where p.id = e.id))
                group by e.tenant;
    end loop;
end
$$;

-- As in 006, and days are kept for what is still to be decided on alone.
create or replace function ingress.drop_days(horizon_days integer)
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
                perform archive.close_payments_of(day);
                if exists (select from journal.entry e where e.event_id >= first_id and e.event_id < next_id) then
                    kept_because :=
                        'the journal has entries for its events: `tollgate reader list` shows who is behind';
                elsif exists (select from journal.refused r
                              where r.event_id >= first_id and r.event_id < next_id and r.discarded_at is null) then
                    kept_because := 'the relay could not put events of it on the bus: `tollgate dead-letter list '
                        '--all-tenants --consumer relay` shows them';
                elsif ingress.take_aside(first_id, next_id) > 0 then
                    kept_because := 'held events of it are being taken aside';
                    progress := 'partly';
                else
                    kept_because := consumer.needs_day(day);
                    if kept_because is null then
                        perform archive.drop_day(day);
                        perform consumer.drop_day(day);
                        progress := 'dropped';
                    end if;
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
