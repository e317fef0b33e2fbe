-- release 1
-- An entry that the relay could not put on the bus, and that an operator gives up, is discarded for each consumer that
-- it would have gone to: none waits for it, no refill brings it, and its day can be dropped.

create or replace view consumer.letter with (security_barrier) as
    select w.consumer, w.message_id, w.tenant, w.state, w.cause, w.attempt as attempts, w.since, w.due_at, w.reason,
            w.fingerprint, w.hold, w.changed_at, w.topic, w.log_topic, w.log_partition, w.log_offset,
            consumer.header_of(w.headers, 'ce_type') as type, w.headers, w.begun_by is not null as running,
            null::bigint as refused
        from consumer.work w where tenants.sees(w.tenant)
    union all
    select r.reader, r.event_id, r.tenant, case when r.discarded_at is null then 'dead' else 'discarded' end, 'stream', 1,
            r.refused_at, null, r.reason, consumer.fingerprint_of(r.reason), null, coalesce(r.discarded_at, r.refused_at),
            r.topic, null, null, null,
            (select e.provider || '.' || e.type from archive.event e where e.id = r.event_id), null, false, r.id
        from journal.refused r where tenants.sees(r.tenant);

-- Refused entries are given up for good, or leave the list to be read again. Gives whose.
create or replace function consumer.settle_refused(wanted bigint[], append_again boolean) returns setof uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    of_dropped_days uuid[];
begin
    if append_again then
        return query
            with gone as (
                delete from journal.refused r
                    where r.id = any (wanted) and r.discarded_at is null and tenants.sees(r.tenant) returning r.*
            ), appended as (
                insert into journal.entry (child, tenant, topic, event_id, headers)
                    select s.child, g.tenant, g.topic, g.event_id, g.headers from gone g, journal.state s order by g.id
            )
            select g.tenant from gone g;
        return;
    end if;
    select array_agg(d.id) into of_dropped_days
        from consumer.make_days_of(array(select r.event_id from journal.refused r where r.id = any (wanted))) d(id);
    return query
        with gone as (
            update journal.refused r set discarded_at = clock_timestamp()
                where r.id = any (wanted) and r.discarded_at is null and tenants.sees(r.tenant) returning r.*
        ), taken as (
            insert into consumer.inbox (consumer, message_id, tenant)
                select c.name, g.event_id, g.tenant
                    from gone g join consumer.consumer c on c.input = g.topic and c.since <= g.event_id
                    where not g.event_id = any (coalesce(of_dropped_days, '{}'))
                    order by c.name, g.event_id
                on conflict do nothing
                returning consumer, message_id
        ), settled as (
            insert into consumer.work (consumer, message_id, tenant, state, reason, fingerprint, topic)
                select t.consumer, g.event_id, g.tenant, 'discarded', 'it could not be put on the bus: ' || g.reason,
                        consumer.fingerprint_of('it could not be put on the bus: ' || g.reason), g.topic
                    from taken t
                    join consumer.consumer c on c.name = t.consumer
                    join gone g on g.event_id = t.message_id and g.topic = c.input
                on conflict do nothing
        )
        select g.tenant from gone g;
end
$$;

create constraint trigger audited_at_discard after update on journal.refused deferrable initially deferred
    for each row execute function tenants.require_audit();
-- What was given up has its row from then; it goes with its day.
drop trigger audited on journal.refused;
create constraint trigger audited after delete on journal.refused deferrable initially deferred
    for each row when (old.discarded_at is null) execute function tenants.require_audit();

-- As in 010, and of what was given up of the relay's.
create or replace function consumer.drop_day(day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    next_id constant uuid := archive.first_id_of(day + 1);
begin
    perform set_config('tollgate.tenant', '*', true);
    execute format('drop table if exists consumer.%I', 'inbox_' || to_char(day::timestamp, 'YYYYMMDD'));
    delete from consumer.attempt a where a.message_id < next_id;
    delete from consumer.work w
        where w.message_id < next_id
            and (w.state = 'discarded'
                 -- Records of it may be on a topic yet.
                 or (w.state = 'done' and w.changed_at < clock_timestamp() - interval '40 days'));
    delete from journal.refused r where r.event_id < next_id and r.discarded_at is not null;
    update consumer.horizon h set dropped_up_to = greatest(h.dropped_up_to, day);
end
$$;
