-- release 1
-- Who asks for an event that is held and another tenant's is told that there is none; that he asked is put on record,
-- also when the event's day was dropped, and nothing but its being held is left of it.

-- Whether one of these is, or was, held and the transaction may not see it.
create function ingress.held_of_others(ids uuid[]) returns boolean
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
    -- By the index, which begins with the tenant.
    found_some := exists (select from tenants.tenant t join ingress.held h using (tenant)
        where h.event_id = any (ids) and t.tenant::text <> all (mine));
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return found_some;
end
$$;

revoke execute on function ingress.held_of_others(uuid[]) from public;
grant execute on function ingress.held_of_others(uuid[]) to tollgate_operator, tollgate_console;
