-- release 1
-- An entry that is appended once more says so, and what the relay publishes of it is in no sum of first records.

-- As in 004 (and 010, which made it a step of the caller's own consumer).
create or replace function consumer.refill_step(of_consumer text, events integer)
returns table (looked_at integer, appended integer, ended boolean)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    looked_at_once constant integer := 5000;
    looked_at_most constant integer := 50000;
    due consumer.consumer;
    after uuid;
    ids uuid[];
    tenants uuid[];
    missing integer;
begin
    select * into due from consumer.consumer c
        where c.name = of_consumer and c.refill_after is not null for update skip locked;
    if not found then
        return;
    end if;
    after := due.refill_after;
    looked_at := 0;
    appended := 0;
    ended := false;
    while appended < events and looked_at < looked_at_most and not ended loop
        select array_agg(s.id order by s.id), array_agg(s.tenant order by s.id) into strict ids, tenants
            from consumer.stored(due.input, after, due.refill_until, due.since, looked_at_once) s;
        ended := coalesce(cardinality(ids), 0) < looked_at_once;
        exit when ids is null;
        insert into journal.entry (child, tenant, topic, event_id, headers)
            select j.child, s.tenant, due.input, s.id, '{"again": true}'
                from unnest(ids, tenants) s(id, tenant) cross join journal.state j
                where not exists (select from archive.withheld w where w.event_id = s.id)
                    and not exists (select from consumer.inbox i
                                    where i.consumer = of_consumer and i.message_id = s.id
                                        and i.message_id >= ids[1] and i.message_id <= ids[cardinality(ids)])
                order by s.id;
        get diagnostics missing = row_count;
        looked_at := looked_at + cardinality(ids);
        appended := appended + missing;
        after := ids[cardinality(ids)];
    end loop;
    update consumer.consumer c
        set refill_after = case when not ended then after end,
            refill_until = case when not ended then c.refill_until end,
            refill_reason = case when not ended then c.refill_reason end
        where c.name = of_consumer;
    return next;
end
$$;
