-- release 1
-- As before, but what a slice was cut from is looked up for a slice alone, and not for each event: that was half of
-- what this function cost, and most events are no slices. Lengths are summed as integers, which a body's always is.
create or replace function archive.read_bus_events(ids uuid[], body_max bigint, bytes_max bigint)
returns table (id uuid, tenant uuid, source text, provider text, type text, provider_time timestamptz, subject text,
               ordering_key text, content_type text, traceparent text, length bigint, body bytea)
language plpgsql stable rows 100
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    earliest uuid := (select i from unnest(ids) i order by i limit 1);
    latest uuid := (select i from unnest(ids) i order by i desc limit 1);
begin
    earliest := archive.first_id_of(archive.day_of(earliest));
    -- The length of a stored body is known without reading it; bodies are unpacked for what is returned alone.
    return query
        select e.id, e.tenant, e.source, e.provider, e.type, e.provider_time, e.subject, e.ordering_key,
                e.content_type, e.traceparent, e.length,
                case when e.length > body_max then null
                     when e.body_of is null then e.body
                     else substring(coalesce(e.body, (select f.body from archive.event f
                                                      where f.id = e.body_of and f.id between earliest and latest
                                                          and f.tenant = e.tenant limit 1))
                                    from e.body_offset + 1 for e.body_length) end
            from (
                select wanted.place, wanted.id, e.tenant, e.source, e.provider, e.type, e.provider_time, e.subject,
                        e.ordering_key, e.content_type, e.traceparent, e.body, e.body_of, e.body_offset, e.body_length,
                        size.length,
                        sum(case when size.length > body_max then 0 else size.length::integer end)
                            over (order by wanted.place rows between unbounded preceding and 1 preceding) as before
                    from unnest(ids) with ordinality as wanted(id, place)
                    left join lateral (select * from archive.event e
                                       where e.id = wanted.id and e.id between earliest and latest limit 1) e on true
                    cross join lateral (select coalesce(e.body_length, octet_length(e.body))::bigint) size(length)
            ) e
            where coalesce(e.before, 0) < bytes_max
            order by e.place;
end
$$;
