-- release 1
-- What a reader could not pass on and never will: kept when the reader moves past it. To the operators it is a dead
-- letter; to go on its way it is appended again.
create table journal.refused (
    id bigint generated always as identity primary key,
    reader text not null,
    tenant uuid not null,
    topic text not null,
    event_id uuid not null,
    headers jsonb,
    reason text not null,
    refused_at timestamptz not null default clock_timestamp()
);

-- In the transaction that moves the reader past the entry, and of who may move it alone.
create function journal.set_aside(by_reader text, by_holder uuid, by_epoch bigint, of_tenant uuid, of_topic text,
                                  of_event uuid, with_headers jsonb, because text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from journal.reader r
        where r.name = by_reader and r.holder = by_holder and r.epoch = by_epoch for share;
    if not found then
        raise exception 'epoch % does not read "%" any more', by_epoch, by_reader using errcode = 'TG001';
    end if;
    insert into journal.refused (reader, tenant, topic, event_id, headers, reason)
        values (by_reader, of_tenant, of_topic, of_event, with_headers, because);
end
$$;

revoke execute on function journal.set_aside(text, uuid, bigint, uuid, text, uuid, jsonb, text) from public;
grant execute on function journal.set_aside(text, uuid, bigint, uuid, text, uuid, jsonb, text) to tollgate_relay;
grant select on journal.refused to tollgate_operator, tollgate_console;
