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

-- Counts go with the days of the events that they are of.
create function ingress.forget_counts() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    before constant timestamptz := (select (h.dropped_up_to + 1)::timestamp at time zone 'UTC' from consumer.horizon h);
begin
    perform set_config('tollgate.tenant', '*', true);
    delete from ingress.answered a where a.hour < before;
    delete from ingress.process p where p.counted_until < before;
    delete from journal.published p where p.hour < before;
end
$$;
revoke execute on function ingress.forget_counts() from public;
grant execute on function ingress.forget_counts() to tollgate_ingress;
