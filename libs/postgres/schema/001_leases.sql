-- release 1
-- Duties that one process has at a time. See postgres/lease.hpp.

create table tollgate.lease (
    name text primary key,
    holder uuid,
    epoch bigint not null default 0,
    until timestamptz not null default '-infinity'
);

-- The epoch if the lease was free, lapsed or the caller's already; else null.
-- A holder that asks again gets a new epoch too: it may have lost track of what it did under the old one.
create function tollgate.lease_take(wanted_name text, new_holder uuid, length interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    new_epoch bigint;
begin
    -- Longer, and a crash of the holder would stop a duty for hours; shorter, and nobody could renew in time.
    if length not between '100ms' and '1h' then
        raise exception 'a lease of % is not between 100 ms and one hour', length using errcode = '22023';
    end if;
    -- A take that a crash of the server forgets would give one epoch to two holders.
    if current_setting('synchronous_commit') in ('off', 'local') then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    -- Looked at without a lock first, so that standing by writes nothing.
    perform from tollgate.lease l
        where l.name = wanted_name and l.until >= clock_timestamp() and l.holder is distinct from new_holder;
    if found then
        return null;
    end if;
    insert into tollgate.lease as l (name, holder, epoch, until)
        values (wanted_name, new_holder, 1, clock_timestamp() + length)
        on conflict (name) do update
            set holder = excluded.holder, epoch = l.epoch + 1, until = clock_timestamp() + length
            where l.until < clock_timestamp() or l.holder is not distinct from new_holder
        returning l.epoch into new_epoch;
    return new_epoch;
end
$$;

create function tollgate.lease_renew(wanted_name text, wanted_holder uuid, wanted_epoch bigint, length interval)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- A renewal that a crash forgets only makes the lease lapse earlier.
    perform set_config('synchronous_commit', 'off', true);
    update tollgate.lease set until = clock_timestamp() + least(length, '1h'::interval)
        where name = wanted_name and holder = wanted_holder and epoch = wanted_epoch;
    return found;
end
$$;

create function tollgate.lease_release(wanted_name text, wanted_holder uuid, wanted_epoch bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update tollgate.lease set holder = null, until = '-infinity'
        where name = wanted_name and holder = wanted_holder and epoch = wanted_epoch;
    return found;
end
$$;
