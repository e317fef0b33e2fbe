-- release 1
-- What of the events that are stored a consumer has not taken up, the newest first: where consumers stand still it is
-- those that wait, and neither a lease nor a reader of the journal says so where Kafka is the bus.

-- Of before that time, and of tenants that the transaction may see. In steps, until one in which nothing waits, so that
-- it costs the same however much is stored; `has_more`: it was left off before it was known how many these are. Whether
-- all that was ever stored is taken up is what `tollgate audit` counts.
create function consumer.count_waiting(of_consumer text, before timestamptz, at_most bigint)
returns table (number bigint, has_more boolean, oldest uuid)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    step constant integer := 1000;
    looked_at_most constant integer := 20000;
    asked consumer.consumer;
    below uuid := consumer.first_id_at(before);
    ids uuid[];
    of_tenants uuid[];
    waiting bigint;
    of_these bigint;
    first_waiting uuid;
    looked_at integer := 0;
begin
    select * into asked from consumer.consumer c where c.name = of_consumer;
    if not found then
        return;
    end if;
    number := 0;
    has_more := false;
    loop
        if asked.input = 'payment' then
            select array_agg(s.id order by s.id), array_agg(s.tenant order by s.id) into strict ids, of_tenants
                from (select p.id, p.tenant from archive.payment_event p
                      where p.id < below and p.id >= asked.since order by p.id desc limit step) s;
        else
            select array_agg(s.id order by s.id), array_agg(s.tenant order by s.id) into strict ids, of_tenants
                from (select e.id, e.tenant from archive.event e
                      where e.id < below and e.id >= asked.since order by e.id desc limit step) s;
        end if;
        exit when ids is null;
        select count(*), count(*) filter (where tenants.sees(s.tenant)),
                (array_agg(s.id order by s.id) filter (where tenants.sees(s.tenant)))[1]
            into strict waiting, of_these, first_waiting
            from unnest(ids, of_tenants) s(id, tenant)
            where not exists (select from consumer.inbox i
                              where i.consumer = of_consumer and i.message_id = s.id
                                  and i.message_id >= ids[1] and i.message_id <= ids[cardinality(ids)])
                and not exists (select from archive.withheld w where w.event_id = s.id)
                -- It has a state of its own: dead, of the relay.
                and not exists (select from journal.refused r where r.event_id = s.id and r.topic = asked.input);
        number := number + of_these;
        oldest := coalesce(first_waiting, oldest);
        looked_at := looked_at + cardinality(ids);
        -- A refill brings what is old after what is new.
        exit when cardinality(ids) < step or (waiting = 0 and asked.refill_after is null);
        if number > at_most or looked_at >= looked_at_most then
            has_more := true;
            exit;
        end if;
        below := ids[1];
    end loop;
    return next;
end
$$;

revoke execute on function consumer.count_waiting(text, timestamptz, bigint) from public;
grant execute on function consumer.count_waiting(text, timestamptz, bigint)
    to tollgate_operator, tollgate_console, tollgate_ingress;
