-- release 1
-- Which days of events consumers still need, for who drops them.

-- How many of a day's events are this consumer's.
create function consumer.due_of_day(first_id uuid, next_id uuid, of_input text, since uuid) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    due bigint;
begin
    if of_input = 'payment' then
        select count(*) into strict due from archive.payment_event p
            where p.id >= first_id and p.id < next_id and p.id >= due_of_day.since;
        return due;
    end if;
    select count(*) into strict due from archive.event e
        where e.id >= first_id and e.id < next_id and e.id >= due_of_day.since;
    select due - count(*) into strict due
        from archive.withheld w join archive.event e on e.id = w.event_id
        where w.event_id >= first_id and w.event_id < next_id and w.event_id >= due_of_day.since;
    return due;
end
$$;

-- Whether one of them is not in its inbox.
create function consumer.lacks_some(of_consumer consumer.consumer, first_id uuid, next_id uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if of_consumer.input = 'payment' then
        return exists (select from archive.payment_event p
            where p.id >= first_id and p.id < next_id and p.id >= of_consumer.since
                and not exists (select from consumer.inbox i
                                where i.consumer = of_consumer.name and i.message_id = p.id
                                    and i.message_id >= first_id and i.message_id < next_id));
    end if;
    return exists (select from archive.event e
        where e.id >= first_id and e.id < next_id and e.id >= of_consumer.since
            and not exists (select from consumer.inbox i
                            where i.consumer = of_consumer.name and i.message_id = e.id
                                and i.message_id >= first_id and i.message_id < next_id)
            and not exists (select from archive.withheld w where w.event_id = e.id));
end
$$;

-- Why this day cannot be dropped; null if it can. A consumer has an inbox row for each event that is not withheld, or it
-- has not got them all: by counts, and once these agree, by each event, for they may agree by rows of the inbox that are
-- of no stored event.
create function consumer.needs_day(day date) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := archive.first_id_of(day);
    next_id constant uuid := archive.first_id_of(day + 1);
    each consumer.consumer;
    wanted bigint;
    taken bigint;
begin
    for each in select * from consumer.consumer c where c.since < next_id order by c.name loop
        wanted := consumer.due_of_day(first_id, next_id, each.input, each.since);
        select count(*) into strict taken from consumer.inbox i
            where i.consumer = each.name and i.message_id >= first_id and i.message_id < next_id
                and i.message_id >= each.since;
        if taken < wanted then
            return format('consumer "%s" has not got %s of its %s events', each.name, wanted - taken, wanted);
        end if;
        if consumer.lacks_some(each, first_id, next_id) then
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

-- What goes with it; also what came to the work of older days after these were dropped.
create function consumer.drop_day(day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    next_id constant uuid := archive.first_id_of(day + 1);
begin
    perform set_config('tollgate.tenant', '*', true);
    execute format('drop table if exists consumer.%I', 'inbox_' || to_char(day::timestamp, 'YYYYMMDD'));
    delete from consumer.attempt a where a.message_id < next_id;
    delete from consumer.work w where w.message_id < next_id and w.state = 'discarded';
    update consumer.horizon h set dropped_up_to = greatest(h.dropped_up_to, day);
end
$$;

revoke execute on function consumer.needs_day(date), consumer.drop_day(date),
    consumer.due_of_day(uuid, uuid, text, uuid), consumer.lacks_some(consumer.consumer, uuid, uuid) from public;
