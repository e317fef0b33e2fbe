-- release 1
-- What is dropped when it is old. All of it gives up soon when somebody is in the way, and is called again.

-- Drops the days that are older than the horizon and that nobody needs any more; says of each what became of it. A day is
-- needed as long as the journal has an entry for one of its events, or one of them is held for an operator.
create function ingress.drop_days(horizon_days integer) returns table (day date, kept_because text)
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
        if exists (select from ingress.held h
                   where h.state = 'held' and h.event_id >= first_id and h.event_id < next_id) then
            kept_because := 'events of it are held: `tollgate held list` shows them';
        elsif exists (select from journal.entry e where e.event_id >= first_id and e.event_id < next_id) then
            kept_because := 'the journal has entries for its events: `tollgate reader list` shows who is behind';
        else
            begin
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

-- Deletes the keys that have expired from so many blocks of the ledger, beginning with that one.
create function ingress.prune_keys(first_block bigint, blocks integer)
returns table (pruned bigint, at_end boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('lock_timeout', '50ms', true);
    delete from ingress.dedupe_key
        where ctid >= format('(%s,0)', first_block)::tid and ctid < format('(%s,0)', first_block + blocks)::tid
            and expires < now();
    get diagnostics pruned = row_count;
    at_end := (first_block + blocks) * current_setting('block_size')::bigint
        >= pg_relation_size('ingress.dedupe_key');
    return next;
end
$$;

revoke execute on function ingress.drop_days(integer), ingress.prune_keys(bigint, integer) from public;
grant execute on function ingress.drop_days(integer), ingress.prune_keys(bigint, integer) to tollgate_ingress;
