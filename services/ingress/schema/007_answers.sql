-- release 1
-- What each process has answered with 200, by its own counting and in transactions of its own: beside what is stored
-- it tells whether every answer was true.

-- A process from its start on. All that it answered before `counted_until` is in ingress.answered. One that did not say
-- that it stops was killed, and its last answers are not counted.
create table ingress.process (
    process uuid primary key,
    started_at timestamptz not null default clock_timestamp(),
    counted_until timestamptz not null default clock_timestamp(),
    stopped_at timestamptz
) with (fillfactor = 50);

create table ingress.answered (
    hour timestamptz not null,              -- of the event's id; of a repeat, that of the answer
    tenant uuid not null,
    process uuid not null,
    accepted bigint not null,               -- new events
    held bigint not null,                   -- new events that conflict with another
    duplicates bigint not null,
    in_doubt bigint not null,               -- answered with 503, and perhaps stored
    primary key (hour, tenant, process)
) with (fillfactor = 50);

alter table ingress.answered enable row level security, force row level security;
create policy by_tenant on ingress.answered using (tenants.sees(tenant));
create policy all_tenants on ingress.answered to tollgate_ingress using (true) with check (true);
grant select, insert, update on ingress.process, ingress.answered to tollgate_ingress;
grant select on ingress.process, ingress.answered to tollgate_operator, tollgate_console;

-- Counts go with the days of the events that they are of: what the relay has published, and what was answered. Each
-- deletes so many rows at most, the oldest first, of hours from that one on. `reached`: the hour to go on with, so that
-- rows just deleted are not passed over again and again; none: nothing is left.
create function ingress.forget_published(from_hour timestamptz, rows_max integer)
returns table (forgotten bigint, reached timestamptz)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    before constant timestamptz := (select (h.dropped_up_to + 1)::timestamp at time zone 'UTC' from consumer.horizon h);
begin
    return query
        with gone as (
            delete from journal.published p where p.ctid = any (array(
                select o.ctid from journal.published o where o.hour >= coalesce(from_hour, '-infinity') and o.hour < before
                    order by o.hour limit rows_max))
                returning p.hour)
        select count(*), case when count(*) = rows_max then max(g.hour) end from gone g;
end
$$;

create function ingress.forget_answers(from_hour timestamptz, rows_max integer)
returns table (forgotten bigint, reached timestamptz)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    before constant timestamptz := (select (h.dropped_up_to + 1)::timestamp at time zone 'UTC' from consumer.horizon h);
begin
    perform set_config('tollgate.tenant', '*', true);
    -- One for each start of a process.
    delete from ingress.process p where p.counted_until < before;
    return query
        with gone as (
            delete from ingress.answered a where a.ctid = any (array(
                select o.ctid from ingress.answered o where o.hour >= coalesce(from_hour, '-infinity') and o.hour < before
                    order by o.hour limit rows_max))
                returning a.hour)
        select count(*), case when count(*) = rows_max then max(g.hour) end from gone g;
end
$$;

revoke execute on function ingress.forget_published(timestamptz, integer), ingress.forget_answers(timestamptz, integer)
    from public;
grant execute on function ingress.forget_published(timestamptz, integer), ingress.forget_answers(timestamptz, integer)
    to tollgate_ingress;
