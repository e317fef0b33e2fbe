-- release 1
-- The events of these ids in their order, without those that are not there. Each has its request's headers and, for a
-- body, its own slice of the bytes; null if what it refers to is not there, or is another tenant's.
--
-- Planned for the ids at hand each time, which locks no other days than those between the first and the last of them. A
-- plan that is kept would lock all days, and one made while a day had ten rows would read all of it for each id when it
-- has a million. `limit 1` makes it one look into an index per id, whatever the planner thinks of the sizes.
create function archive.read_events(ids uuid[]) returns setof archive.event
language plpgsql stable rows 100
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    earliest uuid := (select i from unnest(ids) i order by i limit 1);
    latest uuid := (select i from unnest(ids) i order by i desc limit 1);
begin
    -- What a slice refers to is of the same day and not later.
    earliest := archive.first_id_of(archive.day_of(earliest));
    return query
        select e.id, e.tenant, e.source, e.provider, e.type, e.provider_event_id, e.provider_time, e.subject,
                e.ordering_key, e.content_type, e.traceparent, coalesce(e.headers, first.headers),
                case when e.body_of is null then e.body
                     else substring(coalesce(e.body, first.body) from e.body_offset + 1 for e.body_length) end,
                e.body_of, e.body_offset, e.body_length
            from unnest(ids) with ordinality as wanted(id, place)
            cross join lateral (select * from archive.event e
                                where e.id = wanted.id and e.id between earliest and latest limit 1) e
            left join lateral (select f.headers, f.body from archive.event f
                               where f.id = e.body_of and f.id between earliest and latest and f.tenant = e.tenant
                                   and e.body is null limit 1) first on true
            order by wanted.place;
end
$$;
