-- release 1
-- Payment events: one of each raw event that enrichment could read, under the same id, and so of the same day. A day of
-- them is made and dropped with the day of the raw events.
create table archive.payment_event (
    id uuid primary key,                -- the raw event's
    tenant uuid not null,
    source text not null,               -- its slug
    provider text not null,
    category text not null,             -- the last word of the record's type: 'money_in'
    type text not null,                 -- the provider's own name of it
    subject text,                       -- the provider's object that it is about
    customer text,                      -- the provider's id of the payer
    ordering_key text,
    provider_time timestamptz,
    amount_minor bigint,                -- in the currency's smallest unit
    currency text,
    traceparent text,
    data bytea compression lz4 not null,    -- a tollgate.v1.PaymentEvent
    constraint amount_has_currency check ((amount_minor is null) = (currency is null))
) partition by range (id);

create function archive.has_payment_day(partition text) returns boolean
language sql volatile strict set search_path = pg_catalog, pg_temp as $$
    select exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                   where i.inhparent = 'archive.payment_event'::regclass and c.relname = partition)
$$;

-- As the days of raw events are made: apart, and then attached, so that nobody waits.
create function archive.make_payment_day(day date) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    partition text := 'payment_event_' || to_char(day::timestamp, 'YYYYMMDD');
begin
    if archive.has_payment_day(partition) then
        return false;
    end if;
    lock table archive.payment_event in share update exclusive mode;
    if archive.has_payment_day(partition) then
        return false;
    end if;
    execute format('create table archive.%I (like archive.payment_event including all)', partition);
    execute format('alter table archive.payment_event attach partition archive.%I for values from (%L) to (%L)',
                   partition, archive.first_id_of(day), archive.first_id_of(day + 1));
    return true;
end
$$;

-- As in 007, and the payment events' day with it.
create or replace function archive.make_any_day(day date) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    partition text := 'event_' || to_char(day::timestamp, 'YYYYMMDD');
    first_id uuid;
begin
    if archive.has_day(partition) then
        return archive.make_payment_day(day);
    end if;
    lock table archive.event in share update exclusive mode;
    if archive.has_day(partition) then
        return archive.make_payment_day(day);
    end if;
    first_id := archive.first_id_of(day);
    -- What a slice refers to goes with the same day, and comes before it or is it.
    execute format('create table archive.%I (like archive.event including all,
                        constraint slice_is_of_same_day check (body_of >= %L and body_of <= id))', partition, first_id);
    execute format('alter table archive.event attach partition archive.%I for values from (%L) to (%L)',
                   partition, first_id, archive.first_id_of(day + 1));
    perform archive.make_payment_day(day);
    return true;
end
$$;

-- The days that are there already.
do $$
begin
    perform archive.make_payment_day(to_date(right(c.relname, 8), 'YYYYMMDD'))
        from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'archive.event'::regclass;
end
$$;

-- Until the end of the transaction nobody adds a payment event to the day or changes one, and all may read. For who looks
-- whether the day is needed, before dropping it.
create function archive.close_payments_of(day date) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    partition text := 'payment_event_' || to_char(day::timestamp, 'YYYYMMDD');
begin
    if archive.has_payment_day(partition) then
        execute format('lock table archive.%I in share row exclusive mode', partition);
    end if;
end
$$;

create function archive.drop_day(day date) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('drop table archive.%I', 'event_' || to_char(day::timestamp, 'YYYYMMDD'));
    execute format('drop table if exists archive.%I', 'payment_event_' || to_char(day::timestamp, 'YYYYMMDD'));
end
$$;

-- As read_bus_events, of payment events: a row for each id, up to the one whose data fill `bytes_max`; without the data
-- where they are longer than `data_max`.
create function archive.read_bus_payments(ids uuid[], data_max bigint, bytes_max bigint)
returns table (id uuid, tenant uuid, source text, category text, provider_time timestamptz, subject text,
               ordering_key text, traceparent text, length bigint, data bytea)
language plpgsql stable rows 100
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    earliest uuid := (select i from unnest(ids) i order by i limit 1);
    latest uuid := (select i from unnest(ids) i order by i desc limit 1);
begin
    return query
        select p.id, p.tenant, p.source, p.category, p.provider_time, p.subject, p.ordering_key, p.traceparent,
                p.length, case when p.length <= data_max then p.data end
            from (
                select wanted.place, wanted.id, p.tenant, p.source, p.category, p.provider_time, p.subject,
                        p.ordering_key, p.traceparent, p.data, octet_length(p.data)::bigint as length,
                        sum(case when octet_length(p.data) > data_max then 0 else octet_length(p.data) end)
                            over (order by wanted.place rows between unbounded preceding and 1 preceding) as before
                    from unnest(ids) with ordinality as wanted(id, place)
                    left join lateral (select * from archive.payment_event e
                                       where e.id = wanted.id and e.id between earliest and latest limit 1) p on true
            ) p
            where coalesce(p.before, 0) < bytes_max
            order by p.place;
end
$$;

-- What is known of these events besides their bytes, without those that are not there. Planned for the ids at hand, as
-- read_events is.
create function archive.read_event_facts(ids uuid[])
returns table (id uuid, tenant uuid, source text, provider text, type text, provider_event_id text,
               provider_time timestamptz, subject text, ordering_key text, content_type text, traceparent text,
               account text, mode text, proof text)
language plpgsql stable rows 100
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    earliest uuid := (select i from unnest(ids) i order by i limit 1);
    latest uuid := (select i from unnest(ids) i order by i desc limit 1);
begin
    return query
        select e.id, e.tenant, e.source, e.provider, e.type, e.provider_event_id, e.provider_time, e.subject,
                e.ordering_key, e.content_type, e.traceparent, e.account, e.mode, e.proof
            from unnest(ids) as wanted(id)
            cross join lateral (select * from archive.event e
                                where e.id = wanted.id and e.id between earliest and latest limit 1) e;
end
$$;

revoke execute on function archive.has_payment_day(text), archive.make_payment_day(date),
    archive.close_payments_of(date), archive.drop_day(date), archive.read_bus_payments(uuid[], bigint, bigint),
    archive.read_event_facts(uuid[]) from public;
-- A redo of enrichment writes it over.
grant select, insert, update on archive.payment_event to tollgate_enrichment;
grant select on archive.payment_event to tollgate_relay, tollgate_billing, tollgate_delivery;
grant execute on function archive.read_bus_payments(uuid[], bigint, bigint) to
    tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant execute on function archive.read_event_facts(uuid[]) to tollgate_enrichment;
