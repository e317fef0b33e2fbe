-- release 1
-- What an operator names by ids is done over as far as his filter means it.

-- Of these messages those that a consumer is done with, of tenants that the transaction may see; in the order of the
-- ids, from behind one on.
create function consumer.done_among(of_consumer text, of_type text, since timestamptz, until timestamptz, wanted uuid[],
                                    after uuid)
returns setof uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select i.message_id from consumer.inbox i join archive.event e on e.id = i.message_id
            where i.consumer = of_consumer and i.message_id = any (wanted) and e.id = any (wanted)
                and tenants.sees(i.tenant) and (after is null or i.message_id > after)
                and (of_type is null or e.type = of_type or e.provider || '.' || e.type = of_type)
                and (since is null or i.message_id >= consumer.first_id_at(since))
                and (until is null or i.message_id < consumer.first_id_at(until))
                and not exists (select from consumer.work w
                                where w.consumer = of_consumer and w.message_id = i.message_id)
            order by i.message_id;
end
$$;

revoke execute on function consumer.done_among(text, text, timestamptz, timestamptz, uuid[], uuid) from public;
grant execute on function consumer.done_among(text, text, timestamptz, timestamptz, uuid[], uuid)
    to tollgate_operator, tollgate_console;

-- A message is found by its event's type, which is the same for all consumers; what a message says of itself is that of
-- the fact that it carries. Of what is not stored any more it is all there is.
create or replace view consumer.letter with (security_barrier) as
    select w.consumer, w.message_id, w.tenant, w.state, w.cause, w.attempt as attempts, w.since, w.due_at, w.reason,
            w.fingerprint, w.hold, w.changed_at, w.topic, w.log_topic, w.log_partition, w.log_offset,
            coalesce((select e.provider || '.' || e.type from archive.event e
                      where e.id = w.message_id and e.tenant = w.tenant),
                     consumer.header_of(w.headers, 'ce_type')) as type,
            w.headers, w.begun_by is not null as running, null::bigint as refused
        from consumer.work w where tenants.sees(w.tenant)
    union all
    select r.reader, r.event_id, r.tenant, case when r.discarded_at is null then 'dead' else 'discarded' end, 'stream', 1,
            r.refused_at, null, r.reason, consumer.fingerprint_of(r.reason), null, coalesce(r.discarded_at, r.refused_at),
            r.topic, null, null, null,
            (select e.provider || '.' || e.type from archive.event e where e.id = r.event_id), null, false, r.id
        from journal.refused r where tenants.sees(r.tenant);
