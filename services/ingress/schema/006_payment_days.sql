-- release 1
-- As in 005; and the payment events of a day are dropped with it. While it is looked at whether a day is needed, nobody
-- adds to it: one that enrichment makes of an old event comes before the look, or after a drop that it finds.
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
                elsif exists (select from journal.refused r where r.event_id >= first_id and r.event_id < next_id) then
                    kept_because := 'events of it are dead letters in journal.refused';
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
