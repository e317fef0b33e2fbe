-- release 1
-- What the audit needs to tell a loss from a doubt and from a gap, and in how far it can look back.

-- Events of which the sender was told 503 and nobody knew whether they were committed: that turns out by itself.
create table ingress.doubt (
    event_id uuid primary key,
    tenant uuid not null
);
alter table ingress.doubt enable row level security, force row level security;
create policy by_tenant on ingress.doubt using (tenants.sees(tenant));
create policy all_tenants on ingress.doubt to tollgate_ingress using (true) with check (true);
grant select, insert on ingress.doubt to tollgate_ingress;

-- Of an hour, by tenant: how many there are, and how many of them are stored.
create function ingress.doubts_of(hour timestamptz) returns table (tenant uuid, known bigint, stored bigint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    first_id constant uuid := consumer.first_id_at(hour);
    next_id constant uuid := consumer.first_id_at(hour + interval '1 hour');
begin
    return query
        select d.tenant, count(*), count(e.id)
            from ingress.doubt d left join archive.event e on e.id = d.event_id and e.id >= first_id and e.id < next_id
            where d.event_id >= first_id and d.event_id < next_id and tenants.sees(d.tenant)
            group by d.tenant;
end
$$;

-- How many events came in between, by tenant.
create function ingress.stored_between(since timestamptz, until timestamptz) returns table (tenant uuid, number bigint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    first_id constant uuid := consumer.first_id_at(since);
    next_id constant uuid := consumer.first_id_at(until);
begin
    return query
        select c.* from (select e.tenant, count(*) from archive.event e
                         where e.id >= first_id and e.id < next_id group by e.tenant) c(tenant)
            where tenants.sees(c.tenant);
end
$$;

-- There is nothing to balance before: neither a day of events nor an answer. Null: nowhere.
create function ingress.books_reach() returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select least(
        (select min(to_date(right(c.relname, 8), 'YYYYMMDD'))::timestamp at time zone 'UTC'
             from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'archive.event'::regclass),
        (select min(a.hour) from ingress.answered a))
$$;

-- The first hour from that one on in which something was stored or answered; null: none.
create function ingress.next_hour(from_hour timestamptz) returns timestamptz
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := consumer.first_id_at(from_hour);
begin
    return least(
        (select date_trunc('hour', to_timestamp(('x' || lpad(left(replace(e.id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint
                                                / 1000.0), 'UTC')
             from archive.event e where e.id >= first_id order by e.id limit 1),
        (select min(a.hour) from ingress.answered a where a.hour >= from_hour));
end
$$;

-- As in 007; also processes are forgotten so many at a time, and doubts.
create or replace function ingress.forget_answers(from_hour timestamptz, rows_max integer)
returns table (forgotten bigint, reached timestamptz)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    before constant timestamptz := (select (h.dropped_up_to + 1)::timestamp at time zone 'UTC' from consumer.horizon h);
begin
    perform set_config('tollgate.tenant', '*', true);
    -- One for each start of a process.
    delete from ingress.process p where p.process = any (array(
        select o.process from ingress.process o where o.counted_until < before limit rows_max));
    get diagnostics forgotten = row_count;
    if forgotten < rows_max then
        delete from ingress.doubt d where d.event_id = any (array(
            select o.event_id from ingress.doubt o where o.event_id < consumer.first_id_at(before)
                order by o.event_id limit rows_max));
        get diagnostics forgotten = row_count;
    end if;
    if forgotten = rows_max then
        reached := coalesce(from_hour, 'epoch');
        return next;
        return;
    end if;
    return query
        with gone as (
            delete from ingress.answered a where a.ctid = any (array(
                select o.ctid from ingress.answered o where o.hour >= coalesce(from_hour, '-infinity') and o.hour < before
                    order by o.hour limit rows_max))
                returning a.hour)
        select count(*), case when count(*) = rows_max then max(g.hour) end from gone g;
end
$$;

revoke execute on function ingress.doubts_of(timestamptz), ingress.stored_between(timestamptz, timestamptz),
    ingress.books_reach(), ingress.next_hour(timestamptz) from public;
grant execute on function ingress.doubts_of(timestamptz), ingress.stored_between(timestamptz, timestamptz),
    ingress.books_reach(), ingress.next_hour(timestamptz) to tollgate_operator, tollgate_console;
