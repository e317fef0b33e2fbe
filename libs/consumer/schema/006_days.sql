-- release 1
-- Which days of events consumers still need, for who drops them.

-- Why this day cannot be dropped; null if it can. A consumer has an inbox row for each event that is not withheld, or it
-- has not got them all: by counts, and once these agree, by each event.
create function consumer.needs_day(day date) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := archive.first_id_of(day);
    next_id constant uuid := archive.first_id_of(day + 1);
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    each consumer.consumer;
    wanted bigint;
    taken bigint;
begin
    for each in select * from consumer.consumer c where c.since < next_id order by c.name loop
        select count(*) into strict wanted from archive.event e
            where e.id >= first_id and e.id < next_id and e.id >= each.since;
        select wanted - count(*) into strict wanted
            from archive.withheld w join archive.event e on e.id = w.event_id
            where w.event_id >= first_id and w.event_id < next_id and w.event_id >= each.since;
        -- A message that nobody knows the tenant of is no event of ours.
        select count(*) into strict taken from consumer.inbox i
            where i.consumer = each.name and i.message_id >= first_id and i.message_id < next_id
                and i.message_id >= each.since and i.tenant <> nobody;
        if taken < wanted then
            return format('consumer "%s" has not got %s of its %s events', each.name, wanted - taken, wanted);
        end if;
        -- Counts may agree by rows of the inbox that are of no stored event.
        if exists (select from archive.event e
                   where e.id >= first_id and e.id < next_id and e.id >= each.since
                       and not exists (select from consumer.inbox i
                                       where i.consumer = each.name and i.message_id = e.id
                                           and i.message_id >= first_id and i.message_id < next_id)
                       and not exists (select from archive.withheld w where w.event_id = e.id)) then
            return format('consumer "%s" has not got some of its events', each.name);
        end if;
    end loop;
    perform set_config('tollgate.tenant', '*', true);
    if exists (select from consumer.work w
               where w.message_id >= first_id and w.message_id < next_id and w.cause = 'redo' and w.value is null
                   and w.state <> 'discarded') then
        return 'events of it are to be run again, and their bytes are there';
    end if;
    return null;
end
$$;

-- What goes with it.
create function consumer.drop_day(day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    next_id constant uuid := archive.first_id_of(day + 1);
begin
    perform set_config('tollgate.tenant', '*', true);
    execute format('drop table if exists consumer.%I', 'inbox_' || to_char(day::timestamp, 'YYYYMMDD'));
    -- Also what came to it after its own day was dropped.
    delete from consumer.attempt a where a.message_id < next_id;
    delete from consumer.work w where w.message_id < next_id and w.state = 'discarded';
    update consumer.horizon h set dropped_up_to = greatest(h.dropped_up_to, day);
end
$$;

revoke execute on function consumer.needs_day(date), consumer.drop_day(date) from public;
