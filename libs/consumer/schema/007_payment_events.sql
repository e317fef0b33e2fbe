-- release 1
-- Consumers whose input is topic 'payment': what is stored for them are the payment events. An event that enrichment
-- could not read has none, and is not theirs.

-- As in 004.
create or replace function consumer.refill(of_consumer text, events integer)
returns table (looked_at integer, appended integer, ended boolean)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    due consumer.consumer;
    ids uuid[];
    tenants uuid[];
begin
    select * into due from consumer.consumer c
        where c.name = of_consumer and c.refill_after is not null for update skip locked;
    if not found then
        return;
    end if;
    if due.input = 'payment' then
        select array_agg(s.id order by s.id), array_agg(s.tenant order by s.id) into strict ids, tenants
            from (select p.id, p.tenant from archive.payment_event p
                  where p.id > due.refill_after and p.id < due.refill_until and p.id >= due.since
                  order by p.id limit events) s;
    else
        select array_agg(s.id order by s.id), array_agg(s.tenant order by s.id) into strict ids, tenants
            from (select e.id, e.tenant from archive.event e
                  where e.id > due.refill_after and e.id < due.refill_until and e.id >= due.since
                  order by e.id limit events) s;
    end if;
    looked_at := coalesce(cardinality(ids), 0);
    ended := looked_at < events;
    insert into journal.entry (child, tenant, topic, event_id)
        select j.child, s.tenant, due.input, s.id
            from unnest(ids, tenants) s(id, tenant) cross join journal.state j
            where not exists (select from archive.withheld w where w.event_id = s.id)
                and not exists (select from consumer.inbox i where i.consumer = of_consumer and i.message_id = s.id)
            order by s.id;
    get diagnostics appended = row_count;
    update consumer.consumer c
        set refill_after = case when not ended then ids[looked_at] end,
            refill_until = case when not ended then c.refill_until end,
            refill_reason = case when not ended then c.refill_reason end
        where c.name = of_consumer;
    return next;
end
$$;

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

-- As in 006.
create or replace function consumer.needs_day(day date) returns text
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
        wanted := consumer.due_of_day(first_id, next_id, each.input, each.since);
        -- A message that nobody knows the tenant of is no event of ours.
        select count(*) into strict taken from consumer.inbox i
            where i.consumer = each.name and i.message_id >= first_id and i.message_id < next_id
                and i.message_id >= each.since and i.tenant <> nobody;
        if taken < wanted then
            return format('consumer "%s" has not got %s of its %s events', each.name, wanted - taken, wanted);
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

revoke execute on function consumer.due_of_day(uuid, uuid, text, uuid) from public;
