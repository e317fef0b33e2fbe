-- release 1
-- What a storm's card tells of.

-- Its own events, and those of the messages that it began with. Of several events of one fact one is the first.
create function delivery.told_in_storm(of_tenant uuid, of_destination uuid, of_layout text, storm text)
returns table (event_id uuid, fact uuid, is_first boolean)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with parts as (
        select d.delivery from delivery.delivery d
            where d.tenant = of_tenant and d.destination = of_destination and d.kind = 'storm'
                and d.story_kind = 'storm' and d.story_id = storm
        union all
        select d.delivery from delivery.delivery d
            where d.tenant = of_tenant and d.destination = of_destination and d.kind = 'message' and d.layout = of_layout
                and d.created_at >= substr(storm, strpos(storm, '/') + 1)::timestamptz - interval '5 minutes'
    )
    select e.event_id, e.fact, row_number() over (partition by e.fact order by e.event_id) = 1
        from parts p join delivery.delivery_event e on e.tenant = of_tenant and e.delivery = p.delivery
        where not e.is_late
$$;

-- How many such facts the week before had in a time as long, on average, and how many of the storm's that failed were
-- paid after all.
create function delivery.storm_figures(of_tenant uuid, of_destination uuid, of_layout text, storm text)
returns table (usual bigint, recovered bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with times as (
        select substr(storm, strpos(storm, '/') + 1)::timestamptz - interval '5 minutes' as began
    )
    select (select round(count(*) * extract(epoch from least(clock_timestamp() - t.began, interval '7 days'))
                         / extract(epoch from interval '7 days'))::bigint
            from delivery.delivery d
            where d.tenant = of_tenant and d.destination = of_destination and d.kind = 'message' and d.layout = of_layout
                and d.created_at < t.began and d.created_at >= t.began - interval '7 days'),
            (select count(distinct s.fact)
             from delivery.told_in_storm(of_tenant, of_destination, of_layout, storm) s
                join delivery.fact_name failed on failed.tenant = of_tenant and failed.fact = s.fact
                join delivery.fact_name paid on paid.tenant = failed.tenant and paid.provider = failed.provider
                    and paid.is_test = failed.is_test and paid.name = 'paid/' || substr(failed.name, 8)
             where failed.name like 'failed/%')
        from times t
$$;

revoke execute on function delivery.told_in_storm(uuid, uuid, text, text), delivery.storm_figures(uuid, uuid, text, text)
    from public;
grant execute on function delivery.told_in_storm(uuid, uuid, text, text), delivery.storm_figures(uuid, uuid, text, text)
    to tollgate_delivery;
