-- release 1
-- When each source was last heard, and how long it has been silent at most before: by that it is known who is silent
-- who normally speaks.

create table consumer.heard (
    tenant uuid not null,
    source uuid not null,
    since timestamptz not null default clock_timestamp(),
    heard_at timestamptz not null default clock_timestamp(),
    hours bigint not null default 1,            -- in how many it spoke
    longest_pause interval not null default '0',
    primary key (tenant, source),
    foreign key (tenant, source) references tenants.source
) with (fillfactor = 50);                       -- it changes every minute, and then in place

-- What is no pause any more.
create function consumer.silence_after(longest_pause interval) returns interval
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
    select greatest(2 * longest_pause, interval '3 hours')
$$;

-- One that spoke in a day's worth of hours, over three days at least, and has been silent for twice as long as ever.
create function consumer.is_silent(one consumer.heard) returns boolean
language sql stable parallel safe set search_path = pg_catalog, pg_temp as $$
    select one.hours >= 24 and one.heard_at - one.since >= interval '3 days'
        and clock_timestamp() - one.heard_at > consumer.silence_after(one.longest_pause)
$$;

-- That these were heard just now. A pause fades in a month, so that who speaks more often than he used to is missed
-- sooner; one that was a silence counts as no more than what was none, so that it is told of again the next time. In
-- the order of the keys, so that two processes do not wait for each other in a circle.
create function consumer.note_heard(of_tenants uuid[], of_sources uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen constant text := current_setting('tollgate.tenant', true);
begin
    perform set_config('tollgate.tenant', '*', true);
    insert into consumer.heard as h (tenant, source)
        select s.tenant, s.source
            from unnest(of_tenants, of_sources) u(tenant, source) join tenants.source s using (tenant, source)
            order by s.tenant, s.source
        on conflict (tenant, source) do update set
            heard_at = excluded.heard_at,
            hours = h.hours + (date_trunc('hour', excluded.heard_at) > date_trunc('hour', h.heard_at))::integer,
            longest_pause = greatest(
                h.longest_pause * greatest(0, 1 - extract(epoch from excluded.heard_at - h.heard_at) / 2592000),
                least(excluded.heard_at - h.heard_at, consumer.silence_after(h.longest_pause)))
            where h.heard_at < excluded.heard_at;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
end
$$;

-- How many are silent that are open.
create function consumer.silent_sources() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen constant text := current_setting('tollgate.tenant', true);
    silent bigint;
begin
    perform set_config('tollgate.tenant', '*', true);
    select count(*) into strict silent
        from consumer.heard h join tenants.source s using (tenant, source) join tenants.tenant t using (tenant)
        where s.disabled_at is null and t.disabled_at is null and consumer.is_silent(h);
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return silent;
end
$$;

alter table consumer.heard enable row level security, force row level security;
create policy by_tenant on consumer.heard using (tenants.sees(tenant));
revoke execute on function consumer.silence_after(interval), consumer.is_silent(consumer.heard),
    consumer.note_heard(uuid[], uuid[]), consumer.silent_sources() from public;
grant execute on function consumer.note_heard(uuid[], uuid[]), consumer.silent_sources() to tollgate_ingress;
grant execute on function consumer.silence_after(interval), consumer.is_silent(consumer.heard)
    to tollgate_operator, tollgate_console;
grant select on consumer.heard to tollgate_operator, tollgate_console;
