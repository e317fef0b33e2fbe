-- release 1
-- Who asks for what is another tenant's is told that there is no such thing; that he asked is put on record.

-- Whether one of these is an event, a message or a replay that the transaction may not see.
create function consumer.concerns_others(ids uuid[]) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen constant text := current_setting('tollgate.tenant', true);
    mine constant text[] := string_to_array(seen, ',');
    found_some boolean;
begin
    if seen = '*' then
        return false;
    end if;
    perform set_config('tollgate.tenant', '*', true);
    found_some :=
        exists (select from archive.event e where e.id = any (ids) and e.tenant::text <> all (mine))
        or exists (select from consumer.consumer c join consumer.work w on w.consumer = c.name
                   where w.message_id = any (ids) and w.tenant::text <> all (mine))
        or exists (select from journal.refused r where r.event_id = any (ids) and r.tenant::text <> all (mine))
        or exists (select from consumer.replay p where p.id = any (ids) and not p.tenants::text[] <@ mine);
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return found_some;
end
$$;

revoke execute on function consumer.concerns_others(uuid[]) from public;
grant execute on function consumer.concerns_others(uuid[]) to tollgate_operator, tollgate_console;
