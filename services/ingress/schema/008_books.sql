-- release 1
-- What became of the events of an hour, by counts that are independent of each other: stored from the archive, published
-- from the relay's sums, taken and open from what consumers keep. Beside them stands what was answered (007).

-- From when on the books can be balanced: days before were dropped; what was published before is in no sum, also where
-- the bus was another. No `published_since`: the relay puts nothing on the bus.
create function ingress.books_frame()
returns table (looked_at timestamptz, kept_since timestamptz, published_since timestamptz, bus text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select clock_timestamp(), (h.dropped_up_to + 1)::timestamp at time zone 'UTC',
            case when b.bus = 'kafka' then (select greatest(b.since, p.since) from journal.publishing p) end, b.bus
        from consumer.horizon h, consumer.bus b
$$;

-- What is counted of an hour, of the tenants that the transaction may see: all, and those of before `settled`, which
-- should wait for nothing any more. 'countable': what is stored of since `counted`, where that is in the hour.
create function ingress.books_of(hour timestamptz, settled timestamptz, counted timestamptz)
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
                and tenants.sees(r.tenant)
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

revoke execute on function ingress.books_frame(), ingress.books_of(timestamptz, timestamptz, timestamptz) from public;
grant execute on function ingress.books_frame(), ingress.books_of(timestamptz, timestamptz, timestamptz)
    to tollgate_operator, tollgate_console;
