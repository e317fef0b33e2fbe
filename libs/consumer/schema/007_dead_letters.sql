-- release 1
-- What operators see and settle of messages that are not done, and of entries that a reader of the journal could not
-- pass on.

-- The first of that name; of headers as consumer.work keeps them.
create function consumer.header_of(headers jsonb, wanted text) returns text
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
    select h ->> 1 from jsonb_array_elements(headers) h
        where h ->> 0 = wanted and jsonb_array_length(h) = 2 limit 1
$$;

-- As consumer/dead_letter.cpp makes it, for reasons that have none yet: what differs by message is left out.
create function consumer.fingerprint_of(reason text) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
    select left(encode(sha256(convert_to(regexp_replace(regexp_replace(reason, '"[^"]*("|$)', '''''', 'g'),
        '[A-Za-z0-9_@.:/-]*[0-9@][A-Za-z0-9_@.:/-]*', '#', 'g'), 'UTF8')), 'hex'), 16)
$$;

-- All of it in one form, of the tenants that the transaction may see. Who reads as the owner is under the policies of
-- the tables too; this says it once more, and for journal.refused, which has none.
create view consumer.letter with (security_barrier) as
    select w.consumer, w.message_id, w.tenant, w.state, w.cause, w.attempt as attempts, w.since, w.due_at, w.reason,
            w.fingerprint, w.hold, w.changed_at, w.topic, w.log_topic, w.log_partition, w.log_offset,
            consumer.header_of(w.headers, 'ce_type') as type, w.headers, w.begun_by is not null as running,
            null::bigint as refused
        from consumer.work w where tenants.sees(w.tenant)
    union all
    select r.reader, r.event_id, r.tenant, 'dead', 'stream', 1, r.refused_at, null, r.reason,
            consumer.fingerprint_of(r.reason), null, r.refused_at, r.topic, null, null, null,
            (select e.provider || '.' || e.type from archive.event e where e.id = r.event_id), null, false, r.id
        from journal.refused r where tenants.sees(r.tenant);
grant select on consumer.letter to tollgate_operator, tollgate_console;
-- Whose they are is not in the journal's hands.
revoke select on journal.refused from tollgate_operator, tollgate_console;

-- The bytes as they came; who calls it leaves word in the audit log. Of what is to be done over they are in the archive.
create function consumer.letter_bytes(of_consumer text, wanted uuid[])
returns table (message_id uuid, key bytea, value bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select w.message_id, w.key, coalesce(w.value, e.body)
        from consumer.work w
        left join archive.read_events(wanted) e on e.id = w.message_id and e.tenant = w.tenant and w.topic = 'raw'
                and w.cause = 'redo'
        where w.consumer = of_consumer and w.message_id = any (wanted) and tenants.sees(w.tenant)
    union all
    select r.event_id, null, e.body
        from (select distinct r.event_id, r.tenant from journal.refused r
              where r.reader = of_consumer and r.event_id = any (wanted) and tenants.sees(r.tenant)) r
        left join archive.read_events(wanted) e on e.id = r.event_id and e.tenant = r.tenant
$$;

-- Refused entries leave the list: for good, or to be read again. Gives whose.
create function consumer.settle_refused(wanted bigint[], append_again boolean) returns setof uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    return query
        with gone as (
            delete from journal.refused r where r.id = any (wanted) and tenants.sees(r.tenant) returning r.*
        ), appended as (
            insert into journal.entry (child, tenant, topic, event_id, headers)
                select s.child, g.tenant, g.topic, g.event_id, g.headers from gone g, journal.state s
                    where append_again order by g.id
        )
        select g.tenant from gone g;
end
$$;

-- As with what operators change elsewhere: what is given up has a row that says who, and why.
create constraint trigger audited_at_insert after insert on consumer.work deferrable initially deferred
    for each row when (new.state = 'discarded') execute function tenants.require_audit();
create constraint trigger audited_at_update after update of state on consumer.work deferrable initially deferred
    for each row when (new.state = 'discarded' and old.state <> 'discarded') execute function tenants.require_audit();
create constraint trigger audited after delete on journal.refused deferrable initially deferred
    for each row execute function tenants.require_audit();

revoke execute on function consumer.header_of(jsonb, text), consumer.fingerprint_of(text),
    consumer.letter_bytes(text, uuid[]), consumer.settle_refused(bigint[], boolean) from public;
grant execute on function consumer.header_of(jsonb, text), consumer.fingerprint_of(text),
    consumer.letter_bytes(text, uuid[]), consumer.settle_refused(bigint[], boolean)
    to tollgate_operator, tollgate_console;
