-- release 1
-- Who vouched for an event, and how: part of its story.
alter table archive.event
    add column account text,            -- the provider's account that it is of, as the provider says
    add column mode text,               -- live or test; null if the provider does not say
    add column proof text,              -- signature, token, fetched or none
    add column secret uuid,             -- the source's secret that it was signed with
    add column received_from text;      -- the sender's address

grant insert (account, mode, proof, secret, received_from) on archive.event to tollgate_ingress;

-- As in 003, with these columns.
create or replace function archive.read_events(ids uuid[]) returns setof archive.event
language plpgsql stable rows 100
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    earliest uuid := (select i from unnest(ids) i order by i limit 1);
    latest uuid := (select i from unnest(ids) i order by i desc limit 1);
begin
    earliest := archive.first_id_of(archive.day_of(earliest));
    return query
        select e.id, e.tenant, e.source, e.provider, e.type, e.provider_event_id, e.provider_time, e.subject,
                e.ordering_key, e.content_type, e.traceparent, coalesce(e.headers, first.headers),
                case when e.body_of is null then e.body
                     else substring(coalesce(e.body, first.body) from e.body_offset + 1 for e.body_length) end,
                e.body_of, e.body_offset, e.body_length, e.account, e.mode, e.proof, e.secret, e.received_from
            from unnest(ids) with ordinality as wanted(id, place)
            cross join lateral (select * from archive.event e
                                where e.id = wanted.id and e.id between earliest and latest limit 1) e
            left join lateral (select f.headers, f.body from archive.event f
                               where f.id = e.body_of and f.id between earliest and latest and f.tenant = e.tenant
                                   and e.body is null limit 1) first on true
            order by wanted.place;
end
$$;
