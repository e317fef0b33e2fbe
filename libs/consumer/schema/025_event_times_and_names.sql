-- release 1
-- When an event was committed, as far as anything has kept it, and which events an id's beginning means.

-- When the first tick was written that shows what a transaction did: by then it was committed, and since a tick is due at
-- once, not long before. Null: the event is not of this transaction, but was appended again by it, or no tick shows it yet.
create function consumer.committed_by(wanted uuid, of_xid xid8) returns timestamptz
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    low bigint;
    high bigint;
    middle bigint;
    is_shown boolean;
begin
    perform from archive.event e where e.id = wanted and e.xmin = of_xid::xid and tenants.sees(e.tenant);
    if not found then
        return null;
    end if;
    select min(t.id), max(t.id) into low, high from journal.tick t;
    select pg_visible_in_snapshot(of_xid, t.snapshot) into is_shown from journal.tick t where t.id = high;
    if not coalesce(is_shown, false) then
        return null;
    end if;
    -- What a tick shows, all later ones show.
    while low < high loop
        middle := (low + high) / 2;
        select pg_visible_in_snapshot(of_xid, t.snapshot) into is_shown
            from journal.tick t where t.id >= middle order by t.id limit 1;
        if is_shown then
            high := middle;
        else
            low := middle + 1;
        end if;
    end loop;
    return (select t.at from journal.tick t where t.id >= high order by t.id limit 1);
end
$$;

-- Ids of events that are stored, of tenants that the transaction may see, in their order.
create function consumer.events_between(first_id uuid, last_id uuid, at_most integer) returns setof uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select e.id from archive.event e
            where e.id >= first_id and e.id <= last_id and tenants.sees(e.tenant)
            order by e.id limit at_most;
end
$$;

revoke execute on function consumer.committed_by(uuid, xid8), consumer.events_between(uuid, uuid, integer) from public;
grant execute on function consumer.committed_by(uuid, xid8), consumer.events_between(uuid, uuid, integer)
    to tollgate_operator, tollgate_console;
