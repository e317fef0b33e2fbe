-- release 1
-- An attempt is found by its own id, which is unique across tenants; and what it came to is written into the page where it
-- stands, so that no index has to know.
alter table delivery.attempt drop constraint attempt_pkey;
alter table delivery.attempt add primary key using index attempt_attempt_idx;
alter table delivery.attempt set (fillfactor = 80);

-- As in 014, in a language that keeps its plan: for a batch of one message, planning took longer than all else.
create or replace function delivery.plain_of(wanted delivery.planned[]) returns bigint[]
language plpgsql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    return (select coalesce(array_agg(p.place), '{}') from (
            select w.*, count(*) over (partition by w.tenant, w.destination, w.fact) as of_fact,
                    count(*) over (partition by w.tenant, w.destination, w.layout) as of_layout
                from unnest(wanted) with ordinality
                    as w(tenant, destination, event_id, fact, way, hold, why, layout, priority, mention, story_kind,
                         story_id, replayed, place)
        ) p join tenants.destination x using (tenant, destination)
            cross join lateral (select coalesce((x.settings ->> 'storm_after')::integer, 8) as most) storm
            where p.way = 'message' and p.of_fact = 1
                and not (p.hold and p.priority > 1 and jsonb_typeof(x.settings -> 'quiet_hours') = 'object')
                and (select e.fact from delivery.delivery_event e
                     where e.tenant = p.tenant and e.destination = p.destination and e.event_id = p.event_id) is null
                and (select e.fact from delivery.delivery_event e
                     where e.tenant = p.tenant and e.destination = p.destination and e.fact = p.fact limit 1) is null
                and (storm.most = 0
                     or not exists (select from delivery.storm s
                                    where s.tenant = p.tenant and s.destination = p.destination and s.layout = p.layout
                                        and s.last_at > clock_timestamp() - interval '5 minutes')
                        and p.of_layout + (select count(*) from (
                                select from delivery.delivery d
                                    where d.tenant = p.tenant and d.destination = p.destination and d.layout = p.layout
                                        and d.kind = 'message' and d.created_at > clock_timestamp() - interval '5 minutes'
                                    limit storm.most) told) <= storm.most));
end
$$;
