-- release 1
-- What operators see of events that are stored, and of what consumers have done with them. The functions see the archive
-- for them, and give what is of tenants that the transaction may see.

-- The newest first.
create function consumer.list_events(of_source text, of_provider text, of_type text, since timestamptz,
                                     until timestamptz, at_most bigint)
returns table (id uuid, tenant uuid, source text, provider text, type text, provider_event_id text, subject text,
               withheld boolean)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := consumer.first_id_at(since);
    next_id constant uuid := consumer.first_id_at(until);
begin
    return query
        select e.id, e.tenant, e.source, e.provider, e.type, e.provider_event_id, e.subject,
                exists (select from archive.withheld w where w.event_id = e.id)
            from archive.event e
            where tenants.sees(e.tenant) and (of_source is null or e.source = of_source)
                and (of_provider is null or e.provider = of_provider)
                and (of_type is null or e.type = of_type or e.provider || '.' || e.type = of_type)
                and (first_id is null or e.id >= first_id) and (next_id is null or e.id < next_id)
            order by e.id desc limit at_most;
end
$$;

-- All but the bytes: who reads those leaves word of it.
create function consumer.event_facts(wanted uuid)
returns table (tenant uuid, source text, provider text, type text, provider_event_id text, provider_time timestamptz,
               subject text, ordering_key text, content_type text, account text, mode text, proof text, secret uuid,
               received_from text, length bigint, withheld boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select e.tenant, e.source, e.provider, e.type, e.provider_event_id, e.provider_time, e.subject, e.ordering_key,
            e.content_type, e.account, e.mode, e.proof, e.secret, e.received_from,
            coalesce(e.body_length, octet_length(e.body))::bigint,
            exists (select from archive.withheld w where w.event_id = e.id)
        from archive.event e where e.id = wanted and tenants.sees(e.tenant)
$$;

create function consumer.event_body(wanted uuid) returns table (tenant uuid, body bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select e.tenant, e.body from archive.read_events(array[wanted]) e where tenants.sees(e.tenant)
$$;

-- What a consumer is done with, the oldest first.
create function consumer.done_messages(of_consumer text, of_type text, since timestamptz, until timestamptz,
                                       at_most bigint)
returns table (message_id uuid, tenant uuid)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := consumer.first_id_at(since);
    next_id constant uuid := consumer.first_id_at(until);
begin
    return query
        select i.message_id, i.tenant from consumer.inbox i join archive.event e on e.id = i.message_id
            where i.consumer = of_consumer and tenants.sees(i.tenant)
                and (of_type is null or e.type = of_type or e.provider || '.' || e.type = of_type)
                and (first_id is null or i.message_id >= first_id) and (next_id is null or i.message_id < next_id)
                and not exists (select from consumer.work w
                                where w.consumer = i.consumer and w.message_id = i.message_id)
            order by i.message_id limit at_most;
end
$$;

revoke execute on function consumer.list_events(text, text, text, timestamptz, timestamptz, bigint),
    consumer.event_facts(uuid), consumer.event_body(uuid),
    consumer.done_messages(text, text, timestamptz, timestamptz, bigint) from public;
grant execute on function consumer.list_events(text, text, text, timestamptz, timestamptz, bigint),
    consumer.event_facts(uuid), consumer.event_body(uuid),
    consumer.done_messages(text, text, timestamptz, timestamptz, bigint) to tollgate_operator, tollgate_console;
