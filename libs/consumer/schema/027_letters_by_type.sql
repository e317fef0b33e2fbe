-- release 1
-- Of millions of letters those of one type are found in the index that lists are read from, and not by a look at the
-- headers and the event of each. A message gets its types when it is put aside, or changes, whichever release's program
-- does it; what lies there already has none, and is looked at as before. Nobody writes to the table while the index is
-- made, which takes some seconds for each million rows.

alter table consumer.work
    -- The first 200 characters: of its event; where that is not stored, what the message says of itself; empty: nothing.
    add column type text,
    add column own_type text;   -- what it says of itself, where that is another: payments have the type of their fact
grant select (type, own_type) on consumer.work to tollgate_operator, tollgate_console;

-- Who puts a message aside does not see the archive. An index has no room for texts of whatever length, and nobody may
-- keep a message from being put aside by what it says of itself.
create function consumer.note_types() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    told constant text := left(consumer.header_of(new.headers, 'ce_type'), 200);
begin
    if coalesce(new.type, '') = '' then
        new.type := coalesce((select left(e.provider || '.' || e.type, 200) from archive.event e
                              where e.id = new.message_id and e.tenant = new.tenant), told, '');
    end if;
    if told <> new.type then
        new.own_type := told;
    end if;
    return new;
end
$$;
revoke execute on function consumer.note_types() from public;

create trigger types_at_insert before insert on consumer.work
    for each row execute function consumer.note_types();
create trigger types_at_update before update of headers on consumer.work
    for each row when (new.type is null or new.headers is distinct from old.headers)
    execute function consumer.note_types();

create index work_by_type on consumer.work (consumer, state, changed_at, message_id)
    include (tenant, fingerprint, attempt, type, own_type);
drop index consumer.work_in_order;

-- As in 020, and of what has its type nothing is looked up.
create or replace view consumer.letter with (security_barrier) as
    select w.consumer, w.message_id, w.tenant, w.state, w.cause, w.attempt as attempts, w.since, w.due_at, w.reason,
            w.fingerprint, w.hold, w.changed_at, w.topic, w.log_topic, w.log_partition, w.log_offset,
            case when w.type is not null then nullif(w.type, '')
                 else coalesce((select e.provider || '.' || e.type from archive.event e
                                where e.id = w.message_id and e.tenant = w.tenant),
                               consumer.header_of(w.headers, 'ce_type')) end as type,
            w.headers, w.begun_by is not null as running, null::bigint as refused
        from consumer.work w where tenants.sees(w.tenant)
    union all
    select r.reader, r.event_id, r.tenant, case when r.discarded_at is null then 'dead' else 'discarded' end, 'stream', 1,
            r.refused_at, null, r.reason, consumer.fingerprint_of(r.reason), null, coalesce(r.discarded_at, r.refused_at),
            r.topic, null, null, null,
            (select e.provider || '.' || e.type from archive.event e where e.id = r.event_id), null, false, r.id
        from journal.refused r where tenants.sees(r.tenant);
