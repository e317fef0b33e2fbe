-- release 1
-- What was not done of a customer's, when that customer is to be erased: it goes without its bytes, and nobody tries it
-- again. What is being retried is let come to its end first. By functions, because operators do not see bytes.

-- Of a raw event the customer is found by the id, written as a text of JSON; of a payment event by what is stored of it.
create function consumer.messages_of(of_tenant uuid, of_provider text, of_customer text)
returns table (consumer text, message_id uuid, state text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select w.consumer, w.message_id, w.state from consumer.work w
        where w.tenant = of_tenant and tenants.sees(of_tenant) and w.value is not null
            and (exists (select from archive.payment_event p
                         where p.id = w.message_id and p.tenant = of_tenant and p.provider = of_provider
                             and p.customer = of_customer)
                 or (w.topic = 'raw'
                     and position(convert_to(to_jsonb(of_customer)::text, 'UTF8') in w.value) > 0))
        order by w.message_id, w.consumer
$$;

create function consumer.erase_messages(of_tenant uuid, of_provider text, of_customer text, because text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    erased bigint;
begin
    with found as (
        select m.consumer, m.message_id from consumer.messages_of(of_tenant, of_provider, of_customer) m
            where m.state <> 'retrying'
    ), locked as (
        select w.consumer, w.message_id from consumer.work w join found f using (consumer, message_id)
            where w.state <> 'retrying' and w.begun_by is null
            order by w.message_id, w.consumer for update of w
    )
    update consumer.work w
        set state = case w.state when 'done' then 'done' else 'discarded' end, hold = null, due_at = null, key = null,
            value = null, headers = null, reason = because, fingerprint = null, changed_at = clock_timestamp()
        from locked l where w.consumer = l.consumer and w.message_id = l.message_id;
    get diagnostics erased = row_count;
    return erased;
end
$$;

revoke execute on function consumer.messages_of(uuid, text, text),
    consumer.erase_messages(uuid, text, text, text) from public;
grant execute on function consumer.messages_of(uuid, text, text), consumer.erase_messages(uuid, text, text, text)
    to tollgate_operator, tollgate_console;
