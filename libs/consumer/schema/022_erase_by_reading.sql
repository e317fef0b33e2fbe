-- release 1
-- What is open of a tenant, for who erases a customer. Whose a message is cannot be told by searching its bytes: an id may
-- be a part of another one, be escaped, or stand in somebody else's text. So the messages are given out, a page at a
-- time, with all that they are read with, and those are erased that are named.
drop function consumer.erase_messages(uuid, text, text, text);
drop function consumer.messages_of(uuid, text, text);

-- Behind a place. With its bytes, which may lie in the archive, and with the payment event that was made of it, if there is
-- one. What was erased before is not given again. Who calls it shows nobody what it gives.
create function consumer.open_messages(of_tenant uuid, behind_consumer text, behind uuid, most integer)
returns table (consumer text, message_id uuid, state text, topic text, value bytea, payment bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with page as materialized (
        select w.consumer, w.message_id, w.state, w.topic, w.value from consumer.work w
            where w.tenant = of_tenant and tenants.sees(of_tenant)
                and (w.consumer, w.message_id) > (behind_consumer, behind)
                and (w.value is not null or w.headers is not null or w.state in ('held', 'dead', 'retrying'))
            order by w.consumer, w.message_id limit most
    )
    select p.consumer, p.message_id, p.state, p.topic, coalesce(p.value, e.body), made.data
        from page p
        left join archive.read_events(coalesce((select array_agg(distinct x.message_id) from page x
                                                where x.topic = 'raw' and x.value is null), '{}')) e
            on e.id = p.message_id and e.tenant = of_tenant and p.topic = 'raw' and p.value is null
        left join archive.payment_event made on made.id = p.message_id and made.tenant = of_tenant
        order by p.consumer, p.message_id
$$;

-- What an event is read with besides its bytes.
create function consumer.seen_event_facts(of_tenant uuid, wanted uuid[])
returns table (id uuid, tenant uuid, source text, provider text, type text, provider_event_id text,
               provider_time timestamptz, subject text, ordering_key text, content_type text, traceparent text,
               account text, mode text, proof text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select f.id, f.tenant, f.source, f.provider, f.type, f.provider_event_id, f.provider_time, f.subject, f.ordering_key,
            f.content_type, f.traceparent, f.account, f.mode, f.proof
        from archive.read_event_facts(wanted) f where f.tenant = of_tenant and tenants.sees(of_tenant)
$$;

-- They go without bytes, headers and reasons, and nobody tries them again. What is being retried is let come to its end
-- first. Gives how many.
create function consumer.erase_messages(of_tenant uuid, consumers text[], messages uuid[], because text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    erased bigint;
begin
    if not coalesce(tenants.sees(of_tenant), false) then
        raise exception 'tenant % is not one that this operator sees', of_tenant using errcode = '42501';
    end if;
    with locked as materialized (
        select w.consumer, w.message_id from consumer.work w
            join unnest(consumers, messages) n(consumer, message_id) using (consumer, message_id)
            where w.tenant = of_tenant and w.state <> 'retrying' and w.begun_by is null
            order by w.message_id, w.consumer for update of w
    ), attempts as (
        update consumer.attempt a set reason = because
            from locked l where a.message_id = l.message_id and a.consumer = l.consumer and a.tenant = of_tenant
    )
    update consumer.work w
        set state = case w.state when 'done' then 'done' else 'discarded' end, hold = null, due_at = null, key = null,
            value = null, headers = null, reason = because, fingerprint = null, changed_at = clock_timestamp()
        from locked l where w.consumer = l.consumer and w.message_id = l.message_id;
    get diagnostics erased = row_count;
    return erased;
end
$$;

revoke execute on function consumer.open_messages(uuid, text, uuid, integer),
    consumer.seen_event_facts(uuid, uuid[]), consumer.erase_messages(uuid, text[], uuid[], text) from public;
grant execute on function consumer.open_messages(uuid, text, uuid, integer),
    consumer.seen_event_facts(uuid, uuid[]), consumer.erase_messages(uuid, text[], uuid[], text)
    to tollgate_operator, tollgate_console;
